// Reads test/fixtures/yaml/cases.json and writes what kubectl's YAML parser makes of each case to kubectl.json beside it.
// Run from the top of the repository: go run -C tools/go-oracles/yaml . "$PWD/test/fixtures/yaml"
package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"
)

type testCase struct {
	Name string `json:"name"`
	YAML string `json:"yaml"`
}

type result struct {
	Name string `json:"name"`
	// The JSON text, which keeps numbers that JavaScript cannot hold.
	JSON string `json:"json,omitempty"`
	Error string `json:"error,omitempty"`
	// What strict parsing finds besides: duplicate keys, which the lenient parser resolves to the last.
	StrictError string `json:"strictError,omitempty"`
}

func main() {
	dir := os.Args[1]
	input, err := os.ReadFile(filepath.Join(dir, "cases.json"))
	check(err)
	var cases []testCase
	check(json.Unmarshal(input, &cases))
	results := []result{}
	for _, c := range cases {
		out := result{Name: c.Name}
		if text, err := yaml.YAMLToJSON([]byte(c.YAML)); err != nil {
			out.Error = err.Error()
		} else {
			out.JSON = string(text)
			if _, err := yaml.YAMLToJSONStrict([]byte(c.YAML)); err != nil {
				out.StrictError = err.Error()
			}
		}
		results = append(results, out)
	}
	output, err := json.MarshalIndent(results, "", " ")
	check(err)
	check(os.WriteFile(filepath.Join(dir, "kubectl.json"), append(output, '\n'), 0o644))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// Command expr prints what expr-lang answers to many conditions over many results, as JSON.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
)

// Case is one line of the fixture. Want is "true", "false", "compile" (refused before it ran) or "run" (failed while it ran).
type Case struct {
	Expr   string `json:"expr"`
	Result any    `json:"result"`
	Want   string `json:"want"`
}

// The functions that Argo Rollouts adds to the language.
func environment(result any) map[string]any {
	return map[string]any{
		"result": result,
		"asInt": func(in any) int64 {
			switch v := in.(type) {
			case int:
				return int64(v)
			case int64:
				return v
			case float64:
				return int64(v)
			case string:
				i, err := strconv.ParseInt(v, 10, 64)
				if err != nil {
					panic(err)
				}
				return i
			}
			panic(fmt.Sprintf("asInt: %T", in))
		},
		"asFloat": func(in any) float64 {
			switch v := in.(type) {
			case int:
				return float64(v)
			case int64:
				return float64(v)
			case float64:
				return v
			case string:
				f, err := strconv.ParseFloat(v, 64)
				if err != nil {
					panic(err)
				}
				return f
			}
			panic(fmt.Sprintf("asFloat: %T", in))
		},
		"isNaN": math.IsNaN,
		"isInf": func(f float64) bool { return math.IsInf(f, 0) },
		"isNil": func(v any) bool { return v == nil },
		"default": func(v any, fallback any) any {
			if v == nil {
				return fallback
			}
			return v
		},
	}
}

func answer(condition string, result any) (want string) {
	defer func() {
		if recover() != nil {
			want = "run"
		}
	}()
	env := environment(result)
	program, err := expr.Compile(condition, expr.Env(env))
	if err != nil {
		return "compile"
	}
	out, err := expr.Run(program, env)
	if err != nil {
		return "run"
	}
	verdict, ok := out.(bool)
	if !ok {
		return "run"
	}
	return strconv.FormatBool(verdict)
}

// JSON has no NaN and no infinity: they are written as {"$float": "NaN"}.
func encodable(v any) any {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return map[string]string{"$float": strconv.FormatFloat(v, 'g', -1, 64)}
		}
	case []float64:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = encodable(x)
		}
		return out
	}
	return v
}

func main() {
	random := rand.New(rand.NewSource(17))
	cases := []Case{}
	seen := map[string]bool{}
	add := func(condition string, result any) {
		key := fmt.Sprintf("%s|%v", condition, result)
		if seen[key] {
			return
		}
		seen[key] = true
		cases = append(cases, Case{condition, encodable(result), answer(condition, result)})
	}
	for _, group := range written {
		for _, condition := range group.conditions {
			for _, result := range group.results {
				add(condition, result)
			}
		}
	}
	vectors := []any{[]float64{0.5, 0.25, 3}, []float64{math.NaN(), 2}, []float64{-1.5}, []float64{}}
	for i := 0; i < 260; i++ {
		add(randomBool(random, 3), vectors[random.Intn(len(vectors))])
	}
	fmt.Print("[\n")
	for i, c := range cases {
		if i > 0 {
			fmt.Print(",\n")
		}
		var line bytes.Buffer
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(c); err != nil {
			panic(err)
		}
		fmt.Print(strings.TrimSpace(line.String()))
	}
	fmt.Print("\n]\n")
}

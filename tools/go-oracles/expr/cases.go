package main

import (
	"fmt"
	"math"
	"math/rand"
)

type group struct {
	conditions []string
	results    []any
}

var nan = math.NaN()
var inf = math.Inf(1)

var written = []group{
	{
		[]string{
			"result[0] >= 0.95", "result[0] < 0.05", "result[-1] < 1", "result[1] > 0", "len(result) == 0 || isNaN(result[0])",
			"len(result) > 0 && result[0] > 0.1", "all(result, {# > 0.4})", "all(result, # > 0.4)", "any(result, # > 1)",
			"none(result, {# > 1})", "one(result, # > 1)", "len(filter(result, # > 0.4)) == 1", "count(result, # >= 0.4) >= 1",
			"sum(result) < 1", "sum(result, # * 2) < 2", "sum(result) == 0", "mean(result) < 0.5", "max(result) < 0.5",
			"min(result) < 0.5", "max(result) == nil", "result == []", "len(result) == 1 ? result[0] < 1 : false",
			"not (result[0] > 0.5)", "result[0] > 0.5 or result[0] <= 0.5", "0.1 < result[0] < 0.9", "0.9 > result[0] > 0.1",
			"result[0] in [0.5, 1]", "result[0] not in [0.5]", "0.5 in result", "result[0.0] > 1", "result['0'] > 1",
			"result.foo == nil", "result?.foo == nil", "result[0]", "result", "len(map(result, # * 2)) == len(result)",
			"map(result, # * 2)[0] > 0.5", "all(map(result, {# > 0}), #)", "count(map(result, # > 0)) == 1",
			"isNil(result)", "default(result, [1.0])[0] > 0.4", "isInf(result[0])", "abs(result[0]) < 1", "ceil(result[0]) == 1",
			"floor(result[0]) == 0", "round(result[0]) == 1", "asInt(result[0]) == 0", "asFloat(result[0]) >= 0", "result[0] ** 2 < 0.3",
			"result[0] % 2 == 0", "result > 0.5", "!result", "-result[0] < 0", "+result[0] > 0", "any(result, any(result, # > 1))",
			"result[0] == result[0]", "result[0] != result[0]", "result contains 'a'", "all(result, {not isNaN(#)})",
			"all(result, .x > 1)", "len(result) in [0, 1]", "result[len(result) - 1] >= 0", "all([], # > 1)", "any([], # > 1)",
		},
		[]any{[]float64{0.5}, []float64{0.5, 2}, []float64{nan}, []float64{}, []float64{inf, -0.25}},
	},
	{
		[]string{
			"result > 0.5", "result == 1", "result != 1.0", "result <= 1 && result >= 1", "isNaN(result)", "not isNaN(result)",
			"isInf(result)", "result * 100 > 5", "result / 0 > 0", "result + 1 == 2", "result - 0.5 < 1", "result % 2 == 1",
			"asInt(result) % 2 == 1", "-result ** 2 < 0", "result == '1'", "result > '1'", "len(result) == 0", "result[0] > 0",
			"isNil(result)", "default(result, 0) > 0.5", "max(result, 2) == 2", "min(result, 0.5, [7, 0.25]) == 0.25",
			"mean(result, 3) == 2", "round(result * 2.5) == 3", "round(-2.5 * result) == -3", "result in [1, 2]", "result in [1.0]",
			"result < 2 ? true : false", "result ?? 5 > 3", "(result ?? 5) > 3", "result ?: true", "result and true", "true || result",
		},
		[]any{1.0, 0.25, nan, inf, 0.0},
	},
	{
		[]string{
			"result.ok", "result.count > 3", "result.count == 4", "result['count'] == 4", "result.missing == nil", "result.missing > 3",
			"result.missing.deep == nil", "result?.missing?.deep == nil", "result.missing?.deep == nil", "result?.missing.deep == nil",
			"result.deep.list[1] == 2", "result.deep.list[5] == 2", "'a' in result.tags", "'x' not in result.tags", "'ok' in result",
			"'toString' in result", "result.toString == nil", "result.constructor == nil", "result.__proto__ == nil",
			"result.name contains 'rau'", "result.name startsWith 'fr'", "result.name endsWith 'd'", "result.name not contains 'z'",
			"result.name == 'fraud' && result.ok", "result.name + '!' == \"fraud!\"", "len(result.name) == 5", "result.name < 'g'",
			"result.name > 5", "result.name startsWith 5", "result.missing startsWith 'x'", "all(result.rows, .v > 1)",
			"any(result.rows, {.v > 1 and #.n == 'b'})", "map(result.rows, .v)[1] == 2", "sum(result.rows, .v) == 3",
			"sum(map(result.rows, .v)) == 3", "len(result) == 7", "result.ok ? result.count > 3 : false", "result.ok == true",
			"result == nil", "isNil(result.missing)", "default(result.missing, 7) == 7", "default(result.count, 7) == 4",
			"result.missing ?? 5 == 5", "(result.missing ?? 5) == 5", "asInt(result.digits) == 12", "asFloat(result.digits) > 11.5",
			"asInt(result.name) == 1", "asFloat(result.name) == 1", "not result.ok", "!result.ok || result.count == 4",
			"result.count % 2 == 0", "asInt(result.count) % 2 == 0", "result.deep == {'list': [1, 2]}", "result.deep.list == [1, 2]",
			"max(result.deep.list) == 2", "result.ok in [true]", "result.nothing == nil", "result.nothing?.x == nil",
			"'rau' in result.name", "1 in result.nothing",
		},
		[]any{
			map[string]any{
				"ok": true, "count": 4.0, "name": "fraud", "digits": "12", "tags": []any{"a", "b"},
				"deep": map[string]any{"list": []any{1.0, 2.0}},
				"rows": []any{map[string]any{"v": 1.0, "n": "a"}, map[string]any{"v": 2.0, "n": "b"}},
			},
			map[string]any{}, nil,
		},
	},
	{
		[]string{
			"1 == 1.0", "7 / 2 == 3.5", "7 % 2 == 1", "-7 % 3 == -1", "7.0 % 2 == 1", "1 / 0 > 1000", "0 / 0 == 0", "1 % 0 == 0",
			"2 ** 3 ** 2 == 512", "-2 ** 2 == -4", "2 ^ 3 == 8", "(2 + 3) * 4 == 20", "2 + 3 * 4 == 14", "10 - 2 - 3 == 5",
			"not true == false", "!true == false", "not (true == false)", "true and not false", "true && false || true",
			"false || true && false", "1 < 2 < 3", "3 > 2 > 2", "1 < 2 == true", "1 == 1 == true", "nil == nil", "nil != 1", "nil < 1",
			"nil ?? true", "nil ?? nil ?? true", "nil ?? 1 == 1", "1 + nil == 1", "'a' + 'b' == 'ab'", "'a' + 1 == 'a1'", "'a' < 'b'",
			"'Z' < 'a'", "\"\\x41\" == 'A'", "'\\u00e9' == 'é'", "len('é') == 1", "`a\\n` == 'a\\\\n'", "0x1F == 31", "0b101 == 5",
			"0o17 == 15", "017 == 17", "1_000 == 1000", "1e3 == 1000", ".5 == 0.5", "1. == 1", "5 // comment\n == 5",
			"/* a */ true", "true // end", "1 in [1, 2]", "1.0 in [1, 2]", "'1' in [1]", "1 not in [2]", "not (1 in [2])",
			"[1, 2] == [1, 2]", "[1, 2] == [1.0, 2]", "[1, [2]] == [1, [2]]", "len([1, 2, 3]) == 3", "len([1, 2,]) == 2",
			"[1, 2, 3][-1] == 3", "[1, 2][2] == 1", "[1, 2][-3] == 1", "sum([]) == 0", "mean([]) == 0", "max([]) == nil",
			"max(1, 2.5) == 2.5", "min('a') == 1", "abs(-5) == 5", "abs('a') == 5", "ceil(1) == 1", "round(0.5) == 1",
			"round(-0.5) == -1", "round(0.49999999999999994) == 0", "floor(-1.5) == -2", "9223372036854775807 + 1 < 0",
			"9223372036854775808 > 0", "1 == true", "true == true", "true > false", "true && 1", "1 && true", "false && (1 % 0 == 0)",
			"true || (1 % 0 == 0)", "true ? false : true", "true ? 1 : 2", "1 ? true : false", "false ? true : false ? true : true",
			"true ?: false", "count([true, false, true]) == 2", "count([1, 2], # > 1) == 1", "count([1]) == 1", "all([1, 2], # > 0)",
			"any([1, 2], {# > 1})", "one([1, 2], # > 1)", "none([1, 2], # > 2)", "all(1, # > 0)", "all([1], # + 1)", "all([1])", "all()",
			"len()", "len(1, 2)", "len(5) == 1", "map([1, 2], {# * 2}) == [2, 4]", "filter([1, 2], # > 1) == [2]",
			"sum([1, 2, 3]) == 6", "sum([1, 2.5]) == 3.5", "sum([1, 2], # * 2) == 6", "sum(['a']) == 0", "isNaN(1)", "isNaN(0/0)",
			"isNaN('a')", "isInf(1/0)", "asInt('12') + 1 == 13", "asInt('1.5') == 1", "asFloat('1.5') == 1.5", "asInt(1.9) == 1",
			"'' == \"\"", "'it\\'s' == \"it's\"", "'a' contains ''", "'abc' startsWith 'ab' && 'abc' endsWith 'bc'", "not ('a' contains 'b')",
			"'a' not contains 'b'", "'a' not startsWith 'b'", "1 +", "(1", "1)", "", "   ", "1 2", "== 1", "foo", "foo()", "foo.bar",
			"result ==", "'unclosed", "\"unclosed", "1 = 1", "1 === 1", "# > 1", ".x", "1 <> 2", "a b", "!", "not", "1 in", "[1, 2", "f(",
			"5 @ 3", "0x", "12abc == 1", "1..2", "'\\q' == 'q'", "true and and true", "true or", "len[0]", "nil.x == 1", "nil?.x == nil",
			"'abc'[0] == 'a'", "[1][0.5] == 1", "[1]['a'] == 1", "[[1, 2], [3]][0][1] == 2", "1 - -1 == 2", "1--1 == 2", "- - 1 == 1",
			"!!true", "not not true", "1 < 'a'", "'a' == 1", "nil in [nil]", "nil in [1]", "1 in nil", "2 ** -1 == 0.5", "1 ** (0/0) == 1",
			"(-1) ** (1/0) == 1", "-5 / 2 == -2.5", "5 - 2 * 3 ** 2 == -13", "true == !false", "1 > 0 and 2 > 1 or nil", "[true][0]",
			"any([[1], [2]], any(#, # > 1))", "map([1], nil)[0] == nil", "len(map([], 1)) == 0", "'a' in ['a', 'b'] and 'c' not in ['a']",
		},
		[]any{nil},
	},
}

// randomBool builds a well-typed condition over a vector.
func randomBool(r *rand.Rand, depth int) string {
	pick := r.Intn(9)
	if depth == 0 {
		pick = r.Intn(3)
	}
	ops := []string{"<", ">", "<=", ">=", "==", "!="}
	switch pick {
	case 0, 1, 2:
		return fmt.Sprintf("%s %s %s", randomNumber(r, depth), ops[r.Intn(len(ops))], randomNumber(r, depth))
	case 3:
		return fmt.Sprintf("(%s) && %s", randomBool(r, depth-1), randomBool(r, depth-1))
	case 4:
		return fmt.Sprintf("%s or %s", randomBool(r, depth-1), randomBool(r, depth-1))
	case 5:
		return fmt.Sprintf("not (%s)", randomBool(r, depth-1))
	case 6:
		return fmt.Sprintf("%s(result, {# %s %s})", []string{"all", "any", "none", "one"}[r.Intn(4)], ops[r.Intn(4)], randomNumber(r, depth-1))
	case 7:
		return fmt.Sprintf("(%s ? %s : %s)", randomBool(r, depth-1), randomBool(r, depth-1), randomBool(r, depth-1))
	default:
		return fmt.Sprintf("%s in [%s, %s]", randomNumber(r, depth-1), randomNumber(r, 0), randomNumber(r, 0))
	}
}

func randomNumber(r *rand.Rand, depth int) string {
	pick := r.Intn(8)
	if depth <= 0 {
		pick = r.Intn(4)
	}
	switch pick {
	case 0:
		return fmt.Sprint(r.Intn(4))
	case 1:
		return []string{"0.5", "0.25", "1.5", "2e0"}[r.Intn(4)]
	case 2:
		return fmt.Sprintf("result[%d]", r.Intn(3)-1)
	case 3:
		return "len(result)"
	case 4, 5:
		op := []string{"+", "-", "*", "/", "**"}[r.Intn(5)]
		return fmt.Sprintf("(%s %s %s)", randomNumber(r, depth-1), op, randomNumber(r, depth-1))
	case 6:
		return fmt.Sprintf("%s(%s)", []string{"abs", "ceil", "floor", "round", "asFloat"}[r.Intn(5)], randomNumber(r, depth-1))
	default:
		return []string{"sum(result)", "mean(result)", "sum(result, # * 2)", "count(result, # > 0.3)", "-result[0]", "len(filter(result, # > 0.3))"}[r.Intn(6)]
	}
}

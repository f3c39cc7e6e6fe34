package vector_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/vector"
)

func TestScanTakesOneArrayAndLeavesTheRest(t *testing.T) {
	long := "[" + strings.Repeat("-0.0123,1E-4 , 5,", 50) + "0]"
	for _, c := range []struct {
		in, text string
		n        int
		rest     string
	}{
		{"[0.1,-2E-4],[3]", "[0.1,-2E-4]", 2, ",[3]"},
		{" \n\t[1]", "[1]", 1, ""},
		{"[]", "[]", 0, ""},
		{"[ \n ] x", "[ \n ]", 0, " x"},
		{"[ 1 , 2\n,\t3 ]}", "[ 1 , 2\n,\t3 ]", 3, "}"},
		{"[1e999]", "[1e999]", 1, ""},
		{long + "]", long, 151, "]"},
	} {
		text, n, rest, err := vector.Scan([]byte(c.in))
		if err != nil || string(text) != c.text || n != c.n || string(rest) != c.rest {
			t.Errorf("Scan(%q) = %q, %d, %q, %v", c.in, text, n, rest, err)
		}
	}
}

func TestScanSaysWhereAnArrayIsWrongAndNotWhatStandsThere(t *testing.T) {
	for in, at := range map[string]string{
		"":                 "byte 0",
		"  ":               "byte 2",
		"{}":               "byte 0",
		`["canary"]`:       "byte 1",
		"[1,":              "byte 3",
		"[1":               "byte 2",
		"[":                "byte 1",
		"[1,]":             "byte 3",
		"[,1]":             "byte 1",
		"[1 2]":            "byte 3",
		"[01]":             "byte 2",
		"[1.]":             "byte 3",
		"[.1]":             "byte 1",
		"[-]":              "byte 2",
		"[1e]":             "byte 3",
		"[1e+]":            "byte 4",
		"[1.2.3]":          "byte 4",
		"[1,NaN]":          "byte 3",
		"[null]":           "byte 1",
		"[[1]]":            "byte 1",
		"[1,\x00]":         "byte 3",
		" [0.5, canary ,3": "byte 7",
	} {
		_, _, rest, err := vector.Scan([]byte(in))
		if err == nil || !strings.HasSuffix(err.Error(), at) || strings.Contains(err.Error(), "canary") {
			t.Errorf("Scan(%q): error %v, want it at %s", in, err, at)
		}
		if string(rest) != in {
			t.Errorf("Scan(%q) left %q, want all of it", in, rest)
		}
	}
}

func FuzzScan(f *testing.F) {
	for _, s := range []string{
		"[]", "[1]", "[0.1,-2E-4]", " [ 1 , 2 ]x", "[01]", "[1,,2]", "[1 2]", "[-]", "[1e5.5]", "[\"]\"]", "[1e+07, 0.0e-0]",
		"[0.123456789,0.123456789,-0.1,-0.1,1E-4,1E-4]", "[1,2,3", "[null]",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		text, n, rest, err := vector.Scan(b)
		if err != nil {
			// What is refused must be no array of numbers at the head of b.
			decoder := json.NewDecoder(bytes.NewReader(b))
			var numbers []json.Number
			if decoder.Decode(&numbers) == nil && numbers != nil && onlyNumbers(b[:decoder.InputOffset()]) {
				t.Fatalf("Scan refuses %q: %v", b, err)
			}
			return
		}
		var numbers []json.Number
		if !json.Valid(text) || json.Unmarshal(text, &numbers) != nil {
			t.Fatalf("Scan takes %q, which is no JSON array of numbers", text)
		}
		if len(numbers) != n {
			t.Fatalf("Scan counts %d elements in %q, there are %d", n, text, len(numbers))
		}
		if head := bytes.TrimLeft(b, " \t\r\n"); !bytes.Equal(head, append(bytes.Clone(text), rest...)) {
			t.Fatalf("Scan cuts %q into %q and %q", b, text, rest)
		}
	})
}

// onlyNumbers rules out what json.Number takes besides numbers: strings of
// digits, and null.
func onlyNumbers(b []byte) bool { return !bytes.ContainsAny(b, `"n`) }

package emulator

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func TestTextsThatShareWordsAreNearEachOther(t *testing.T) {
	const question = "how do I renew the session token"
	near := []string{"the session token is renewed early", "How do I RENEW the session token?", "renewing a session's token"}
	far := []string{"vectors are written as JSON lines", "冬の日本海", "!!!", "a quota counts calls"}
	for _, dims := range []int{256, 1024, 3072} {
		q := embedText(question, dims)
		for _, n := range near {
			for _, f := range far {
				if a, b := dot(q, embedText(n, dims)), dot(q, embedText(f, dims)); a <= b {
					t.Errorf("%d: %q (%.3f) is no nearer than %q (%.3f)", dims, n, a, f, b)
				}
			}
		}
	}
}

func TestAVectorHasLengthOneAndDependsOnItsTextAlone(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.String().Draw(r, "text")
		dims := rapid.SampledFrom([]int{256, 384, 512, 1024, 1536, 3072}).Draw(r, "dims")
		v, again := embedText(text, dims), embedText(text, dims)
		if length := math.Sqrt(dot(v, v)); math.Abs(length-1) > 1e-5 {
			r.Fatalf("length %v", length)
		}
		for i := range v {
			if v[i] != again[i] {
				r.Fatalf("place %d differs", i)
			}
		}
	})
}

func TestNumbersReadBackAsTheSameFloat32(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		x := rapid.Float32().Draw(r, "x")
		for _, b := range [][]byte{appendJava(nil, x), appendDecimal(nil, x)} {
			back, err := strconv.ParseFloat(string(b), 32)
			if err != nil || float32(back) != x || !json.Valid(b) {
				r.Fatalf("%v was written as %s", x, b)
			}
		}
	})
}

func TestJavaFormMatchesRecordedNumbers(t *testing.T) {
	for x, want := range map[float32]string{
		1.9264221e-4: "1.9264221E-4", -5.41687e-4: "-5.41687E-4", 0.001: "0.001", 0.0009: "9.0E-4",
		0: "0.0", 1: "1.0", -2.5: "-2.5", 1e7: "1.0E7", 9999999: "9999999.0", 0.04623413: "0.04623413",
	} {
		if got := string(appendJava(nil, x)); got != want {
			t.Errorf("%v: got %s, want %s", x, got, want)
		}
	}
}

func TestTokensAreCountedAndCutByTheStatedRule(t *testing.T) {
	for text, want := range map[string]int{
		"": 1, "  ": 1, "a": 1, "mining": 1, "minings": 2, "a mine.": 3, "日本 語": 3, "don't": 3,
	} {
		if got := countTokens(text); got != want {
			t.Errorf("%q: %d tokens, want %d", text, got, want)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		text, n := rapid.String().Draw(r, "text"), rapid.IntRange(1, 20).Draw(r, "n")
		head, tail := cutTokens(text, n, false), cutTokens(text, n, true)
		want := min(n, countTokens(text))
		if !strings.HasPrefix(text, head) || !strings.HasSuffix(text, tail) || countTokens(head) != want || countTokens(tail) != want {
			r.Fatalf("%q cut to %d: %q (%d) and %q (%d)", text, n, head, countTokens(head), tail, countTokens(tail))
		}
		if cut := cutRunes(text, n, true); utf8.ValidString(text) && utf8.RuneCountInString(cut) != min(n, utf8.RuneCountInString(text)) {
			r.Fatalf("%q", cut)
		}
	})
}

package cli

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/docs"
)

func smallShelf() *shelf {
	var paragraphs []docs.Paragraph
	var vectors [][]float32
	for i, text := range []string{"Tokens are renewed early.", "Throttled calls wait.", "A vector of numbers.", "Keys are read from a file.", "Calls to Bedrock are signed.", "The end."} {
		paragraphs = append(paragraphs, docs.Paragraph{Page: "p.md", Heading: "All", Text: text})
		v := make([]float32, 6)
		v[i] = 1
		vectors = append(vectors, v)
	}
	return newShelf(paragraphs, vectors)
}

func TestAnAnswerIsNearAndSharesATellingWord(t *testing.T) {
	for name, c := range map[string]struct {
		question string
		v        []float32
		want     []string
	}{
		"the nearest first":           {"When is a throttled call signed?", []float32{0, .7, 0, 0, .8, 0}, []string{"Calls to Bedrock are signed.", "Throttled calls wait."}},
		"far behind the nearest":      {"When is a throttled call signed?", []float32{0, .4, 0, 0, .8, 0}, []string{"Calls to Bedrock are signed."}},
		"near, but no word in common": {"What is the weather?", []float32{.9, .3, 0, 0, 0, 0}, nil},
		"words of grammar alone":      {"What are those from?", []float32{0, 0, 0, .9, .3, 0}, nil},
		"a word in common, but far":   {"Which file?", []float32{1, 0, 0, .1, 0, 0}, nil},
		"another ending":              {"Throttling?", []float32{0, 1, 0, 0, 0, 0}, []string{"Throttled calls wait."}},
		"nothing":                     {"", []float32{1, 0, 0, 0, 0, 0}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, a := range smallShelf().nearest(c.question, c.v) {
				got = append(got, a.Text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAWordThatStandsEverywhereTellsNothing(t *testing.T) {
	if got := smallShelf().telling("Are all calls signed, signing them?"); !slices.Equal(got, []string{"signed"}) {
		t.Errorf("%q", got) // calls stand in two of six paragraphs
	}
}

func TestWrappingKeepsEveryWordAndTheWidth(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,12}`), 0, 40).Draw(r, "words")
		width := rapid.IntRange(5, 80).Draw(r, "width")
		lines := wrapped(strings.Join(words, " "), width)
		if got := strings.Fields(strings.Join(lines, " ")); !slices.Equal(got, words) && len(words) > 0 {
			r.Fatalf("%q became %q", words, got)
		}
		for _, line := range lines {
			if utf8.RuneCountInString(line) > width && strings.Contains(line, " ") {
				r.Fatalf("%q is wider than %d", line, width)
			}
		}
	})
}

func TestAListKeepsItsIndentAndCodeItsSpaces(t *testing.T) {
	got := blockLines("Read this:\n- one two three\n  from:  x", 9)
	if diff := cmp.Diff([]string{"Read", "this:", "- one two", "  three", "  from: x"}, got); diff != "" {
		t.Error(diff)
	}
	if got := blockLines("  a:  b", 7); got[0] != "  a:  b" {
		t.Errorf("%q", got) // what fits is left as it is
	}
}

func TestDurationsReadAsPeopleSayThem(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0.0 ms", 420 * time.Microsecond: "0.4 ms", 6*time.Millisecond + 900: "6 ms", 1250 * time.Millisecond: "1.2 s"} {
		if got := briefly(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

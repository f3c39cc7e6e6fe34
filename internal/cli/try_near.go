package cli

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/adit-hq/adit/docs"
	"github.com/adit-hq/adit/internal/vector"
)

const (
	// nearEnough is the nearness from which a paragraph may answer a question.
	// Two texts without a word in common come to about 0.1 by chance.
	nearEnough = 0.15
	// besideBest is how near a paragraph must be, against the nearest one.
	besideBest = 0.75
	// shownAnswers is how many paragraphs an answer has at most.
	shownAnswers = 3
)

// shelf is the manual with a vector for each paragraph.
type shelf struct {
	paragraphs []docs.Paragraph
	vectors    [][]float32
	// in says in how many paragraphs a word stands, by its stem.
	in map[string]int
}

// answer is a paragraph that is near a question.
type answer struct {
	docs.Paragraph
	nearness float32
	// shared are the question's words that the paragraph has too.
	shared []string
}

func newShelf(paragraphs []docs.Paragraph, vectors [][]float32) *shelf {
	s := &shelf{paragraphs: paragraphs, vectors: vectors, in: map[string]int{}}
	for _, p := range paragraphs {
		for word := range stems(p.Heading + " " + p.Text) {
			s.in[word]++
		}
	}
	return s
}

// nearest returns the paragraphs that may answer a question, the nearest
// first; none where the manual shares no telling word with it.
func (s *shelf) nearest(question string, v []float32) []answer {
	telling := s.telling(question)
	var found []answer
	for i, p := range s.paragraphs {
		nearness := vector.Dot(v, s.vectors[i])
		if nearness < nearEnough {
			continue
		}
		has := stems(p.Heading + " " + p.Text)
		shared := slices.DeleteFunc(slices.Clone(telling), func(word string) bool { return !has[stem(word)] })
		if len(shared) > 0 {
			found = append(found, answer{p, nearness, shared})
		}
	}
	slices.SortStableFunc(found, func(a, b answer) int { return cmp.Compare(b.nearness, a.nearness) })
	n := 0
	for n < min(len(found), shownAnswers) && found[n].nearness >= found[0].nearness*besideBest {
		n++
	}
	return found[:n]
}

// telling returns the words of a question that say what it is about: no words
// of grammar, and none that stand in a fifth of all paragraphs.
func (s *shelf) telling(question string) []string {
	grammar := stems(grammarWords)
	seen := map[string]bool{}
	return slices.DeleteFunc(wordsOf(question), func(word string) bool {
		as := stem(word)
		again := seen[as]
		seen[as] = true
		return again || len(word) < 3 || grammar[as] || s.in[as]*5 > len(s.paragraphs)
	})
}

// grammarWords say nothing about what an English question about Adit is about.
const grammarWords = `about adit after all also and any are been before between both but can could did does done each else ever every
	for from get gets give goes good had happen happens has have here how into its just like made make makes many may mean means
	more most much must need needs never not now off one only other our out over own same shall should some such take than that the
	their them then there these they this those under until use used using very want was were what when where which while who whom
	whose why will with without work works would yes you your`

// stems returns the words of a text without their endings.
func stems(text string) map[string]bool {
	set := map[string]bool{}
	for _, word := range wordsOf(text) {
		set[stem(word)] = true
	}
	return set
}

// stem takes the commonest English endings off a word, so that "throttled" and
// "throttling" count as one.
func stem(word string) string {
	for _, ending := range []string{"ing", "ed", "es", "s", "e"} {
		if head, cut := strings.CutSuffix(word, ending); cut && len(head) >= 3 {
			return head
		}
	}
	return word
}

// wordsOf returns the words of a text in small letters.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

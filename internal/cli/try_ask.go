package cli

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/vector"
)

// pair is two texts to compare.
type pair struct{ what, a, b string }

// tryPairs show what lexical vectors see, and what they do not.
func tryPairs() []pair {
	return []pair{
		{"nearly the same words", "Adit renews a session before it expires.", "A session is renewed by Adit before it expires."},
		{"the same meaning in other words", "The physician arrived by car.", "A doctor drove here."},
		{"nothing in common", "Adit renews a session before it expires.", "Whales sing in winter."},
	}
}

// compare shows how near similar and different texts are.
func (t *tryWalk) compare(ctx context.Context) error {
	pairs := tryPairs()
	var texts []string
	for _, p := range pairs {
		texts = append(texts, p.a, p.b)
	}
	began := time.Now()
	got, _, err := t.embed(ctx, "", texts...)
	if err != nil {
		return err
	}
	took := time.Since(began)
	vectors, err := unitVectors(got)
	if err != nil {
		return err
	}
	nearness := make([]float32, len(pairs))
	for i := range pairs {
		nearness[i] = vector.Dot(vectors[2*i], vectors[2*i+1])
	}
	t.page.compared(pairs, nearness, took)
	return nil
}

// question answers one question.
func (t *tryWalk) question(ctx context.Context, question string) error {
	began := time.Now()
	purpose := "search_query"
	if t.model == "titan" {
		purpose = "" // it does not ask what a vector is for
	}
	got, _, err := t.embed(ctx, purpose, question)
	if err != nil {
		return err
	}
	vectors, err := unitVectors(got)
	if err != nil {
		return err
	}
	answers := t.shelf.nearest(question, vectors[0])
	t.page.answered(question, answers, len(t.manual), time.Since(began))
	return nil
}

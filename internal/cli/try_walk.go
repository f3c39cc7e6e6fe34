package cli

import (
	"context"
	"slices"
	"time"

	"github.com/adit-hq/adit/docs"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/vector"
)

// tryBatch is how many texts go into one request: as many as one call of Cohere takes.
const tryBatch = 96

// tryWalk is one walk through the main job, all of it by the public API.
type tryWalk struct {
	page   *tryPage
	stand  *tryStand
	model  string
	manual []docs.Paragraph
	shelf  *shelf
}

// all walks from the first step to the last question.
func (t *tryWalk) all(ctx context.Context, questions []string) error {
	t.page.started(t.stand)
	if err := t.keyless(ctx); err != nil {
		return err
	}
	if err := t.embedManual(ctx); err != nil {
		return err
	}
	if err := t.compare(ctx); err != nil {
		return err
	}
	for _, q := range questions {
		if err := t.question(ctx, q); err != nil {
			return err
		}
	}
	return t.attribute(ctx)
}

// tryEmbedded is how embedding the manual went.
type tryEmbedded struct {
	texts, requests, tokens int
	// calls is how many calls of InvokeModel the emulator answered, largest how
	// many texts one of them had at most.
	calls, largest        int
	took, median, slowest time.Duration
	first                 vector.Text
	dimensions            int
}

// embedManual gives every paragraph its vector.
func (t *tryWalk) embedManual(ctx context.Context) error {
	e := tryEmbedded{texts: len(t.manual)}
	var vectors [][]float32
	var latencies []time.Duration
	began := time.Now()
	for batch := range slices.Chunk(t.manual, tryBatch) {
		texts := make([]string, len(batch))
		for i, p := range batch {
			texts[i] = p.Text
		}
		sent := time.Now()
		got, tokens, err := t.embed(ctx, "", texts...)
		if err != nil {
			return err
		}
		latencies = append(latencies, time.Since(sent))
		e.requests++
		e.tokens += tokens
		if e.first == nil {
			e.first = got[0]
		}
		unit, err := unitVectors(got)
		if err != nil {
			return err
		}
		vectors = append(vectors, unit...)
	}
	e.took, e.dimensions = time.Since(began), len(vectors[0])
	slices.Sort(latencies)
	e.median, e.slowest = latencies[len(latencies)/2], latencies[len(latencies)-1]
	for _, event := range t.stand.emulator.Trail() {
		if event.Operation == "InvokeModel" {
			e.calls++
			e.largest = max(e.largest, event.Texts)
		}
	}
	t.shelf = newShelf(t.manual, vectors)
	t.page.embedded(t.model, e)
	return nil
}

// embed sends one request to POST /v1/embeddings.
func (t *tryWalk) embed(ctx context.Context, purpose string, texts ...string) ([]vector.Text, int, error) {
	client := *t.stand.client
	client.body.Model, client.body.InputType = t.model, purpose
	got, err := client.Embed(ctx, texts)
	if err != nil {
		return nil, 0, err
	}
	if len(got.Vectors) != len(texts) {
		return nil, 0, fault.New(fault.Refused, "Adit answered %d texts with %d vectors", len(texts), len(got.Vectors))
	}
	vectors := make([]vector.Text, len(texts))
	for i, v := range got.Vectors {
		vectors[i] = vector.Text(v)
	}
	return vectors, got.Tokens, nil
}

// unitVectors reads vectors and scales them to length 1, so that the product of
// two is their cosine.
func unitVectors(texts []vector.Text) ([][]float32, error) {
	vectors := make([][]float32, len(texts))
	for i, text := range texts {
		var err error
		if vectors[i], err = text.AppendFloat32s(nil); err != nil {
			return nil, err
		}
		vector.Normalise(vectors[i])
	}
	return vectors, nil
}

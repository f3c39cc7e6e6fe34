package corpus

import (
	"context"
	"encoding/json"
	"fmt"
)

// Embedder turns texts into vectors.
//
// Its errors say what a [Job] does next: a *TextError fails one row and sends
// the rest again; a *SplitError halves the batch; a fault of kind Throttled,
// Unavailable or Deadline waits for its RetryAfter and sends the batch again;
// every other error ends the job.
type Embedder interface {
	Embed(ctx context.Context, texts []string) (Answer, error)
}

// Answer is a vector for each text, in order.
type Answer struct {
	// Vectors are JSON, arrays of numbers or strings of base64, as they arrived.
	Vectors []json.RawMessage
	// Tokens is how many tokens the texts have.
	Tokens int
}

// TextError says that one text of a batch is refused, and would be again.
type TextError struct {
	// Index is the text's place in the batch.
	Index int
	// Reason is a sentence for the list of failed rows.
	Reason string
}

func (e *TextError) Error() string { return fmt.Sprintf("text %d: %s", e.Index, e.Reason) }

// SplitError says that a batch is refused as a whole: it is too large, or one
// of its texts is wrong and nobody says which.
type SplitError struct{ Reason string }

func (e *SplitError) Error() string { return e.Reason }

package bedrock

import (
	"context"
	"fmt"

	"github.com/adit-hq/adit/internal/fault"
)

// harmless is a text that every model takes.
const harmless = "a"

// blame finds the text for which AWS refused a call: a caller who sent
// thousands cannot guess it. A pack is halved until one text is left, each half
// within the limits like any call.
func (c *Client) blame(ctx context.Context, job *Job, first int, texts []string, err error) error {
	f := fault.From(err)
	if f.Kind != fault.Invalid || f.AWS == nil || f.AWS.Code != "ValidationException" {
		return err
	}
	guilty, known := 0, true
	if len(texts) > 1 {
		guilty, known = c.search(ctx, job, texts)
	}
	if !known {
		return f.WithParam("input").WithRemedy("Bedrock names no text; it is one of %d to %d, or a parameter.", first, first+len(texts)-1)
	}
	return newTextError(first+guilty, f)
}

// TextError is AWS's refusal of one text of a job. It unwraps to a fault that
// names the text by its index.
type TextError struct {
	// Index is the text's place in the job.
	Index int
	cause *fault.Error
	named *fault.Error
}

func newTextError(index int, cause *fault.Error) *TextError {
	f := *cause
	f.Message = fmt.Sprintf("input[%d]: %s", index, cause.Message)
	return &TextError{index, cause, f.WithParam(fmt.Sprintf("input[%d]", index)).WithRemedy("Shorten or mend this text and send the request again.")}
}

// At returns the same refusal for a text that stands elsewhere in the caller's request.
func (e *TextError) At(index int) *TextError { return newTextError(index, e.cause) }

func (e *TextError) Error() string { return e.named.Error() }

// Unwrap returns the fault that names the text.
func (e *TextError) Unwrap() error { return e.named }

// search returns the index of a guilty text. It is not known where a harmless
// text is refused as well, or where asking AWS did not work out.
func (c *Client) search(ctx context.Context, job *Job, texts []string) (index int, known bool) {
	if refused, ok := c.probe(ctx, job, []string{harmless}); refused || !ok {
		return 0, false
	}
	low, high := 0, len(texts) // the guilty one is in texts[low:high]
	for high-low > 1 {
		middle := (low + high) / 2
		refused, ok := c.probe(ctx, job, texts[low:middle])
		switch {
		case !ok:
			return 0, false
		case refused:
			high = middle
		default:
			low = middle
		}
	}
	return low, true
}

// probe reports whether AWS refuses the texts; ok is false when it said something else.
func (c *Client) probe(ctx context.Context, job *Job, texts []string) (refused, ok bool) {
	body := job.Target.Family.Codec.AppendRequest(nil, texts, job.Params)
	a, err := c.persist(ctx, job, len(texts), body, nil)
	if err == nil {
		a.body.release()
		return false, true
	}
	f := fault.From(err)
	return true, f.Kind == fault.Invalid
}

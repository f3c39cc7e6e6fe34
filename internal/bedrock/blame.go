package bedrock

import (
	"context"
	"fmt"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// harmless is a text that every model takes.
const harmless = "a"

// blame finds the text for which AWS refused a call: a caller who sent
// thousands cannot guess it. A pack is halved until one text is left, each half
// within the limits and billed like any call.
func (c *Client) blame(ctx context.Context, job *Job, first int, texts []string, err error) (spent bill, guilt error) {
	f := fault.From(err)
	if f.Kind != fault.Invalid || f.AWS == nil || f.AWS.Code != "ValidationException" {
		return bill{}, err
	}
	if aboutLength(f.AWS.Message) && len(texts) == 1 {
		return bill{}, newTextError(first, f)
	}
	general, ok := c.probe(ctx, job, []string{harmless}, &spent)
	if ok && general != nil {
		general.Kind, general.Message = fault.Refused, "Bedrock refuses every text for this model"
		general.Detail += ": " + general.AWS.Message // about the harmless text, so that no caller's is quoted
		return spent, general.WithRemedy("Check `from`, model_family and the parameters in spicepod.yaml, and the account's access to the model.")
	}
	guilty := 0
	if ok {
		guilty, ok = c.search(ctx, job, texts, &spent)
	}
	if !ok {
		vague := *f
		return spent, vague.WithParam("input").WithRemedy("Bedrock does not say which text; it is one of %d to %d. Send them in smaller requests to find it.", first, first+len(texts)-1)
	}
	return spent, newTextError(first+guilty, f)
}

// aboutLength recognises AWS's words on a text that is too long.
func aboutLength(message string) bool {
	return strings.Contains(message, "maxLength") || strings.Contains(message, "tokens") || strings.Contains(message, "too long")
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
	return &TextError{index, cause, f.WithParam(fmt.Sprintf("input[%d]", index)).WithRemedy("Shorten or correct this text and send the request again.")}
}

// At returns the same refusal for a text that stands elsewhere in the caller's request.
func (e *TextError) At(index int) *TextError { return newTextError(index, e.cause) }

func (e *TextError) Error() string { return e.named.Error() }

// Unwrap returns the fault that names the text.
func (e *TextError) Unwrap() error { return e.named }

// search returns the index of a guilty text; ok is false where asking AWS did
// not work out.
func (c *Client) search(ctx context.Context, job *Job, texts []string, spent *bill) (index int, ok bool) {
	low, high := 0, len(texts) // the guilty one is in texts[low:high]
	for high-low > 1 {
		middle := (low + high) / 2
		refused, ok := c.probe(ctx, job, texts[low:middle], spent)
		switch {
		case !ok:
			return 0, false
		case refused != nil:
			high = middle
		default:
			low = middle
		}
	}
	return low, true
}

// probe returns how AWS refuses the texts, or nil where it takes them; ok is
// false when it said something else. What it is billed is added to spent.
func (c *Client) probe(ctx context.Context, job *Job, texts []string, spent *bill) (refused *fault.Error, ok bool) {
	a, err := c.persist(ctx, job, len(texts), job.request(texts), nil)
	if err == nil {
		got, _ := read(job, 0, texts, a) // whether the vectors are any good is no matter here
		spent.add(got.bill)
		a.body.release()
		return nil, true
	}
	f := fault.From(err)
	return f, f.Kind == fault.Invalid
}

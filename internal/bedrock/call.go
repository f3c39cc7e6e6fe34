package bedrock

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/limit"
	"github.com/adit-hq/adit/internal/model"
	"github.com/adit-hq/adit/internal/telemetry"
)

// call sends one call with as many tries as it takes, and returns the vectors
// of its texts, and what is billed for it, also where it fails. lease is its
// first turn; nil means that it has none yet.
func (c *Client) call(ctx context.Context, job *Job, p pack, lease *limit.Lease) (part, error) {
	first, texts := p.first, p.texts
	body := job.request(texts)
	if len(body) > maxBody {
		if lease != nil {
			lease.Done(limit.NotSent)
		}
		return part{}, newTextError(first, fault.New(fault.Invalid, "the text makes a call of %d bytes; Bedrock's limit is %d", len(body), maxBody))
	}
	answer, err := c.persist(ctx, job, len(texts), body, lease)
	if err != nil {
		spent, err := c.blame(ctx, job, first, texts, err)
		return part{bill: spent}, err
	}
	got, err := read(job, first, texts, answer)
	if err != nil {
		answer.body.release()
	}
	return got, err
}

// request returns the body of a call. It is never used again: net/http may go
// on sending it after the answer is there.
func (j *Job) request(texts []string) []byte {
	size := 256
	for _, t := range texts {
		size += len(t) + len(t)/16 + 8
	}
	return j.Target.Family.Codec.AppendRequest(make([]byte, 0, size), texts, j.Params)
}

// persist tries until the call is answered, cannot be mended by trying again,
// or has no time, turn or budget left.
func (c *Client) persist(ctx context.Context, job *Job, texts int, body []byte, lease *limit.Lease) (answer, error) {
	var renewed bool
	var last *refusal
	for try := 0; ; try++ {
		if lease == nil {
			var err error
			if lease, err = c.turn(ctx, job); err != nil {
				return answer{}, last.insteadOf(err, job.Target)
			}
		}
		a, refused, err := c.try(ctx, job, texts, body, lease)
		lease = nil
		if err == nil && refused == nil {
			job.Target.budget.success()
			return a, nil
		}
		if err != nil {
			return answer{}, last.insteadOf(err, job.Target)
		}
		last = refused
		if refused.expired && !renewed {
			renewed = true // the credentials were dropped: once more with new ones
			job.Metrics.Retried(telemetry.Outcome(refused.fault(job.Target)))
			continue
		}
		if err := c.backOff(ctx, job, refused, try); err != nil {
			return answer{}, err
		}
	}
}

// try sends the call once. A refusal is an answer of AWS that is no success,
// or a connection fault; an error ends the call.
func (c *Client) try(ctx context.Context, job *Job, texts int, body []byte, lease *limit.Lease) (answer, *refusal, error) {
	target := job.Target
	creds, err := target.Credentials.Credentials(ctx, job.Caller)
	if err != nil {
		lease.Done(limit.NotSent)
		return answer{}, nil, err
	}
	ctx, ended := c.callBegins(ctx, job, texts)
	a, err := c.send(ctx, http.MethodPost, target.runtime.url("model", target.ID.String(), "invoke"), target.Region, creds, body)
	if err != nil {
		lease.Done(unanswered(err))
		if ctx.Err() != nil {
			cause := fault.From(ctx.Err())
			ended("", cause)
			return answer{}, nil, cause
		}
		r := connectionFault(err)
		ended("", r.fault(target))
		return answer{}, r, nil
	}
	if a.status == http.StatusOK {
		lease.Done(limit.Answered)
		ended(a.header.Get("X-Amzn-Requestid"), nil)
		return a, nil, nil
	}
	r := judge(a, creds)
	a.body.release()
	lease.Done(outcome(r))
	ended(r.aws.RequestID, r.fault(target))
	if r.kind == fault.Throttled {
		job.Metrics.Throttled(telemetry.ByAWS)
	}
	if r.expired {
		target.Credentials.Drop(creds)
	}
	return answer{}, r, nil
}

// callBegins counts a call, and returns how to say what became of it.
func (c *Client) callBegins(ctx context.Context, j *Job, texts int) (_ context.Context, ended func(requestID string, err error)) {
	start := time.Now()
	family := j.Target.Family
	j.Stopwatch.CallBegins()
	j.Metrics.CallBegins(texts, family.TextsPerCall)
	ctx, span := telemetry.StartCall(ctx, c.tracer, j.Target.ID.String(), family.Dimension(j.Params), texts)
	return ctx, func(requestID string, err error) {
		j.Stopwatch.CallEnds()
		j.Metrics.CallEnds(telemetry.Outcome(err), time.Since(start))
		span.AWSRequest(requestID)
		span.End(err)
	}
}

func outcome(r *refusal) limit.Outcome {
	if r.kind == fault.Throttled {
		return limit.Throttled
	}
	return limit.Failed
}

// read unpacks an answer and asserts that it is whole: a vector for each text,
// each of the length that was asked for. Nothing is filled in. An answer that
// is not whole is billed too.
func read(job *Job, first int, texts []string, a answer) (part, error) {
	family := job.Target.Family
	got, err := family.Codec.ReadResponse(a.body.b, a.header)
	want := family.Dimension(job.Params)
	spent := billed(got.Tokens, texts)
	if err == nil && len(got.Vectors) != len(texts) {
		err = fmt.Errorf("%d vectors for %d texts", len(got.Vectors), len(texts))
	}
	for i, n := range got.Dimensions {
		if err == nil && n != want {
			err = fmt.Errorf("vector %d has %d numbers, not %d", i, n, want)
		}
	}
	var said *model.AnswerError
	if errors.As(err, &said) {
		return part{bill: spent}, newTextError(first, fault.New(fault.Invalid, "Bedrock could not embed the text: %s", said.Message))
	}
	if err != nil {
		f := fault.Wrap(err, fault.Refused, "Bedrock's response cannot be used: %v", err).
			WithRemedy("If the id is a custom model or profile, check model_family and dimensions.")
		f.AWS = &fault.AWS{RequestID: a.header.Get("X-Amzn-Requestid"), Status: a.status, Code: "BadAnswer"}
		return part{bill: spent}, f
	}
	return part{bill: spent, first: first, vectors: got.Vectors, dimension: want, body: a.body}, nil
}

// billed is the bill of an answered call; tokens is less than 0 where AWS reported none.
func billed(tokens int, texts []string) bill {
	if tokens >= 0 {
		return bill{tokens: tokens}
	}
	var b bill
	for _, t := range texts {
		b.estimated += model.EstimateTokens(t)
	}
	return b
}

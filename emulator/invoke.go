package emulator

import (
	"mime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// clientGone is the trail's code for a caller who left before the answer.
const clientGone = "ClientGone"

// serveInvoke is InvokeModel. Who may call is settled first, then whether AWS
// takes the call now (quota, faults), and last whether the body makes sense:
// a call with a bad body has spent its place in the quota.
func (x *exchange) serveInvoke(id string) {
	x.event.Model = id
	t, err := x.admit(id)
	if err != nil {
		x.fail(err)
		return
	}
	f := x.e.faults.draw(x.event, x.e.dice.float)
	if err := f.refusal(); err != nil && !f.counts() {
		x.fail(err)
		return
	}
	if !x.e.quotas.take(quotaKey{x.who.arn.account, x.event.Region, t.quota}, x.e.now()) {
		x.fail(throttled())
		return
	}
	if sleep(x.r.Context(), x.e.latency()+f.delay()) != nil {
		x.event.ErrorCode = clientGone // nobody is left to answer
		return
	}
	if err := f.refusal(); err != nil {
		x.fail(err)
		return
	}
	f.cutNow()
	r, err := x.infer(t, f)
	if err != nil {
		x.fail(err)
		return
	}
	x.answer(r, f)
}

// admit checks the caller, the model and the caller's right to it.
func (x *exchange) admit(id string) (*target, *awsError) {
	if err := x.authenticate(serviceBedrock); err != nil {
		return nil, err
	}
	if n := len(id); n > 2048 {
		return nil, validation("1 validation error detected: Value at 'modelId' failed to satisfy constraint: Member must have length less than or equal to 2048")
	}
	t, err := x.e.resolve(id, x.event.Region)
	if err != nil {
		return nil, err
	}
	if err := x.authorize("bedrock:InvokeModel", t.resources); err != nil {
		return nil, err
	}
	if t.custom || t.bare && (t.model.answer == nil || !slices.Contains(t.model.inference, onDemand)) {
		return nil, validation("Invocation of model ID " + id + " with on-demand throughput isn't supported. Retry your request with the ID or ARN of an inference profile that contains this model.")
	}
	if t.model.answer == nil {
		return nil, validation("The emulator lists " + t.model.id + " and does not play it.")
	}
	return t, x.agree(t.model)
}

// infer checks content type and body and lets the family answer.
func (x *exchange) infer(t *target, f *Fault) (reply, *awsError) {
	if kind := x.r.Header.Get("Content-Type"); kind != "" {
		media, _, err := mime.ParseMediaType(kind)
		if err != nil || media != "application/json" {
			return reply{}, validation("The provided Content-Type is invalid or not supported for this model")
		}
	}
	if !acceptsJSON(x.r.Header.Get("Accept")) {
		return reply{}, validation("The provided Accept is invalid or not supported for this model")
	}
	body, err := parseJSON(x.body)
	if err != nil {
		return reply{}, malformed(err.Error())
	}
	return t.model.answer(job{body: body, v4Object: x.e.v4Object, short: f.is(FaultWrongCount)})
}

func acceptsJSON(accept string) bool {
	if accept == "" {
		return true
	}
	for part := range strings.SplitSeq(accept, ",") {
		media, _, err := mime.ParseMediaType(part)
		if err == nil && (media == "application/json" || media == "application/*" || media == "*/*") {
			return true
		}
	}
	return false
}

// answer sends the vectors with the headers of a recorded embeddings call.
func (x *exchange) answer(r reply, f *Fault) {
	x.event.Texts, x.event.Tokens = r.texts, r.tokens
	h := x.w.Header()
	h.Set("X-Amzn-Bedrock-Invocation-Latency", strconv.FormatInt(max(1, time.Since(x.began).Milliseconds()), 10))
	if r.header {
		h.Set("X-Amzn-Bedrock-Input-Token-Count", strconv.Itoa(r.tokens))
	}
	if f.is(FaultMalformed) {
		r.body = r.body[:len(r.body)/2]
	}
	if f.is(FaultCutBody) {
		x.cutMidBody(r.body)
	}
	x.respondJSON(r.body)
}

// latency draws how long this call takes.
func (e *Emulator) latency() time.Duration {
	if e.maxLatency == 0 {
		return 0
	}
	return e.minLatency + time.Duration(e.dice.float()*float64(e.maxLatency-e.minLatency))
}

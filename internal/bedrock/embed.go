package bedrock

import (
	"context"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/limit"
	"github.com/adit-hq/adit/internal/model"
	"github.com/adit-hq/adit/internal/telemetry"
	"github.com/adit-hq/adit/internal/vector"
)

// Job is the texts of one request to one target.
type Job struct {
	Caller caller.Caller
	Target *Target
	Params model.Params
	// Texts are distinct, not empty, and fit their model.
	Texts []string
	// Plan has a turn for each of Target.Calls(Texts) calls.
	Plan *limit.Plan
	// Metrics counts calls, Stopwatch tells AWS's time from our own; nil does neither.
	Metrics   *telemetry.ModelMetrics
	Stopwatch *telemetry.Stopwatch
}

// Result is the vectors of a job, one for each text and in order.
type Result struct {
	Vectors []vector.Text
	// Dimensions is the length of every vector.
	Dimensions int
	// Tokens counts the input tokens that AWS reported; Estimated is Adit's
	// estimate for calls of which it reported none.
	Tokens, Estimated int
	bodies            []*buffer
}

// Release gives the memory of the vectors back. They must not be used afterwards.
func (r *Result) Release() {
	for _, b := range r.bodies {
		b.release()
	}
	r.bodies, r.Vectors = nil, nil
}

// Embed sends the job's calls, as many at once as its plan allows, and returns
// their vectors in the order of the texts. A call that fails for good ends the
// job with the first cause; what is still running is cancelled. The result of
// such a job has no vectors but tells the tokens of the calls that AWS answered,
// which it bills all the same.
func (c *Client) Embed(ctx context.Context, job *Job) (*Result, error) {
	packs := job.Target.packs(job.Texts)
	g := &gathering{result: &Result{Vectors: make([]vector.Text, len(job.Texts))}}
	if len(packs) == 1 {
		g.add(c.call(ctx, job, packs[0], nil))
	} else {
		c.fanOut(ctx, job, packs, g)
	}
	if g.err != nil {
		g.result.Release()
		return g.result, g.err
	}
	return g.result, nil
}

// fanOut takes the turns in order and gives each call a goroutine once it has one.
func (c *Client) fanOut(ctx context.Context, job *Job, packs []pack, g *gathering) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g.cancel = cancel
	var running sync.WaitGroup
	defer running.Wait()
	for _, p := range packs {
		lease, err := c.turn(ctx, job)
		if err != nil {
			g.add(part{}, err)
			return
		}
		running.Go(func() { g.add(c.call(ctx, job, p, lease)) })
	}
}

// turn waits for the plan to let one call go.
func (c *Client) turn(ctx context.Context, job *Job) (*limit.Lease, error) {
	start := time.Now()
	job.Stopwatch.WaitBegins()
	lease, err := job.Plan.Acquire(ctx)
	job.Stopwatch.WaitEnds()
	job.Metrics.Waited(time.Since(start))
	return lease, err
}

// gathering collects the parts of a job as they arrive.
type gathering struct {
	mu     sync.Mutex
	result *Result
	err    error
	cancel context.CancelFunc
}

// part is what one call brought: the vectors of the texts from first on. A call
// that failed has only its bill.
type part struct {
	bill
	first     int
	vectors   []vector.Text
	dimension int
	body      *buffer
}

// bill is what AWS charges for: input tokens that it reported, and Adit's
// estimate where it reported none.
type bill struct{ tokens, estimated int }

func (b *bill) add(more bill) {
	b.tokens += more.tokens
	b.estimated += more.estimated
}

func (g *gathering) add(p part, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.result.Tokens += p.tokens
	g.result.Estimated += p.estimated
	if err != nil {
		g.fail(err)
		return
	}
	copy(g.result.Vectors[p.first:], p.vectors)
	g.result.Dimensions = p.dimension
	g.result.bodies = append(g.result.bodies, p.body)
}

// fail keeps the first cause: what fails after it was cancelled because of it.
func (g *gathering) fail(err error) {
	if g.err != nil {
		return
	}
	g.err = err
	if g.cancel != nil {
		g.cancel()
	}
}

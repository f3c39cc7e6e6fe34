package gateway

import (
	"context"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/credential"
)

const (
	// profileTimeout bounds one question to AWS about a profile.
	profileTimeout = 10 * time.Second
	// profileAgain is how long a failed question rests before it is asked again.
	profileAgain = 30 * time.Second
)

// profiles knows whose quota application inference profiles spend. What AWS told
// once holds for the life of the process, over reloads too: a profile is copied
// from its model when it is made, and never changes.
type profiles struct {
	client *bedrock.Client

	mu      sync.Mutex
	known   map[profile]string
	flights map[question]*flight
}

// profile is an application inference profile's ARN in a region.
type profile struct{ arn, region string }

// question is a profile that one signer asks for: another may be allowed to.
type question struct {
	profile
	identity string
}

// flight is a question under way. err may be read once done is closed.
type flight struct {
	done chan struct{}
	err  error
}

func newProfiles(client *bedrock.Client) profiles {
	return profiles{client: client, known: map[profile]string{}, flights: map[question]*flight{}}
}

func profileOf(t *bedrock.Target) profile { return profile{t.ID.String(), t.Region} }

// quotaModel returns what the target's calls are counted against, and whether
// that is certain; if not, it is the profile's own name.
func (p *profiles) quotaModel(t *bedrock.Target) (name string, certain bool) {
	if !t.BehindProfile() {
		return t.ID.QuotaModel(), true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if name, ok := p.known[profileOf(t)]; ok {
		return name, true
	}
	return t.ID.QuotaModel(), false
}

// ask sees to it that quotaModel is certain. All who ask at once share one
// question, which goes on when the one who came first goes away.
func (p *profiles) ask(ctx context.Context, t *bedrock.Target, creds credential.Credentials) error {
	if _, certain := p.quotaModel(t); certain {
		return nil
	}
	q := question{profileOf(t), creds.Identity}
	p.mu.Lock()
	f, ok := p.flights[q]
	if !ok {
		f = &flight{done: make(chan struct{})}
		p.flights[q] = f
		go p.fly(context.WithoutCancel(ctx), q, f, t, creds)
	}
	p.mu.Unlock()
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fly asks AWS and ends the flight.
func (p *profiles) fly(ctx context.Context, q question, f *flight, t *bedrock.Target, creds credential.Credentials) {
	ctx, cancel := context.WithTimeout(ctx, profileTimeout)
	defer cancel()
	name, err := p.client.QuotaModel(ctx, t, creds)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.known[q.profile] = name
	}
	f.err = err
	delete(p.flights, q)
	close(f.done)
}

package app

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/spicepod"
)

// Inspection is what was found of the models that share one credential
// source, region and endpoint. It holds no secret.
type Inspection struct {
	// Models are their names, in the file's order.
	Models []string
	// Credentials is the walk over all sources.
	Credentials credential.Report
	Endpoint    Endpoint
}

// Endpoint is what came of asking an endpoint of Bedrock for anything.
type Endpoint struct {
	URL string
	// Err says why nothing answered; nil when something did.
	Err error
	// ClockAhead is how far this machine's clock is ahead of the endpoint's, to
	// the second; nil when the answer had no date.
	ClockAhead *time.Duration
}

// Inspect walks the credential sources of the models and knocks at their
// endpoints, all at once. It changes nothing and signs no call to Bedrock.
func Inspect(ctx context.Context, s Settings, models []spicepod.Model) ([]Inspection, error) {
	a := &App{settings: s}
	a.chains.settings = s
	defer a.chains.close()
	var found []Inspection
	place := map[string]int{}
	type question struct {
		chain *credential.Chain
		at    *url.URL
	}
	var questions []question
	for _, m := range models {
		key := sourceOf(m.AWS)
		i, known := place[key]
		if !known {
			one, err := a.model(m)
			if err != nil {
				return nil, err
			}
			i = len(found)
			place[key], found = i, append(found, Inspection{})
			questions = append(questions, question{a.chains.get(m.AWS), one.Target.RuntimeURL()})
		}
		found[i].Models = append(found[i].Models, m.Name)
	}
	var asking sync.WaitGroup
	for i, q := range questions {
		asking.Go(func() { found[i].Credentials = q.chain.Walk(ctx) })
		asking.Go(func() { found[i].Endpoint = knock(ctx, s.Transport, q.at) })
	}
	asking.Wait()
	return found, nil
}

// knock asks for the root, unsigned: any answer shows that the way is open,
// and its Date tells the clock that judges signatures.
func knock(ctx context.Context, transport http.RoundTripper, at *url.URL) Endpoint {
	e := Endpoint{URL: at.String()}
	ctx, cancel := context.WithTimeout(ctx, credential.Budget)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.JoinPath("/").String(), nil)
	if err != nil {
		e.Err = err
		return e
	}
	client := http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		e.Err = unwrapURL(err)
		return e
	}
	_ = resp.Body.Close()
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		// A date has whole seconds: half of one is its mean error.
		ahead := time.Since(date.Add(500 * time.Millisecond)).Round(time.Second)
		e.ClockAhead = &ahead
	}
	return e
}

// unwrapURL drops the method and URL that net/http puts in front of an error.
func unwrapURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

package bedrock

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/fault"
)

// lister asks the control plane.
type lister struct {
	client   *Client
	endpoint endpoint
	region   string
	creds    credential.Credentials
	page     int
	now      func() time.Time
	close    func()
}

func newLister(s ListSettings) (*lister, error) {
	at, err := newEndpoint(s.Endpoint, "bedrock", s.Region)
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "the endpoint of the Bedrock control plane cannot be used: %v", err)
	}
	l := &lister{endpoint: at, region: s.Region, creds: s.Credentials, page: s.PageSize, now: s.Now, close: func() {}}
	transport := s.HTTP
	if transport == nil {
		own := NewTransport()
		transport, l.close = own, own.CloseIdleConnections
	}
	l.client = NewClient(Options{Transport: transport, UserAgent: s.UserAgent, CallTimeout: 30 * time.Second})
	if l.page == 0 {
		l.page = 1000
	}
	if l.now == nil {
		l.now = time.Now
	}
	return l, nil
}

// query is one list of the control plane.
type query struct {
	operation string // AWS's name
	what      string // what is listed, for people
	read      func(context.Context) error
}

// queries are the lists that make a listing (Bedrock API reference, control
// plane). ListFoundationModels alone has no pages.
func (l *lister) queries(got *lists) []query {
	return []query{
		{"ListFoundationModels", "foundation models", func(ctx context.Context) error {
			var page foundationPage
			err := l.get(ctx, &page, nil, "foundation-models")
			got.foundation = page.Models
			return err
		}},
		{"ListInferenceProfiles", "AWS's inference profiles", func(ctx context.Context) error {
			return pages(ctx, l, url.Values{"type": {"SYSTEM_DEFINED"}}, "inference-profiles", func(p *profilePage) { got.system = append(got.system, p.Profiles...) })
		}},
		{"ListInferenceProfiles", "the account's own inference profiles", func(ctx context.Context) error {
			return pages(ctx, l, url.Values{"type": {"APPLICATION"}}, "inference-profiles", func(p *profilePage) { got.application = append(got.application, p.Profiles...) })
		}},
		{"ListCustomModels", "custom models", func(ctx context.Context) error {
			return pages(ctx, l, url.Values{}, "custom-models", func(p *customPage) { got.custom = append(got.custom, p.Models...) })
		}},
		{"ListProvisionedModelThroughputs", "provisioned models", func(ctx context.Context) error {
			return pages(ctx, l, url.Values{}, "provisioned-model-throughputs", func(p *provisionedPage) { got.provisioned = append(got.provisioned, p.Models...) })
		}},
	}
}

// continued is a page that may have another after it.
type continued interface{ next() string }

// maxPages ends a list whose pages never end: a million entries.
const maxPages = 1000

// pages reads every page of a list; take gets each.
func pages[T any, P interface {
	*T
	continued
}](ctx context.Context, l *lister, q url.Values, path string, take func(P)) error {
	q.Set("maxResults", strconv.Itoa(l.page))
	seen := map[string]bool{}
	for range maxPages {
		page := P(new(T))
		if err := l.get(ctx, page, q, path); err != nil {
			return err
		}
		take(page)
		token := page.next()
		if token == "" {
			return nil
		}
		if seen[token] {
			break
		}
		seen[token] = true
		q.Set("nextToken", token)
	}
	return fault.New(fault.Unavailable, "AWS's list of %s does not end", path)
}

// listTries is how often one request is sent while AWS says that trying again
// may help.
const listTries = 4

// get reads one answer into v. Throttling and failures of AWS are tried again.
func (l *lister) get(ctx context.Context, v any, q url.Values, path ...string) error {
	u := l.endpoint.url(path...)
	u.RawQuery = q.Encode()
	for try := 0; ; try++ {
		r, err := l.try(ctx, u, v)
		if r == nil {
			return err
		}
		if !r.retry || try == listTries-1 {
			return r.listFault()
		}
		wait := time.NewTimer(fullJitter(try, min(r.retryAfter, 10*time.Second)))
		select {
		case <-ctx.Done():
			wait.Stop()
			return fault.From(ctx.Err())
		case <-wait.C:
		}
	}
}

func (l *lister) try(ctx context.Context, u *url.URL, v any) (*refusal, error) {
	a, err := l.client.send(ctx, http.MethodGet, u, l.region, l.creds, nil)
	if err != nil {
		if ctx.Err() != nil {
			return nil, fault.From(ctx.Err())
		}
		return connectionFault(err), nil
	}
	defer a.body.release()
	if a.status != http.StatusOK {
		return judge(a, l.creds), nil
	}
	if err := json.Unmarshal(a.body.b, v); err != nil {
		f := fault.Wrap(err, fault.Refused, "AWS's response cannot be read").WithRemedy("Something between Adit and AWS may answer in place of AWS; check the endpoint.")
		f.AWS = &fault.AWS{Code: "BadAnswer", RequestID: a.header.Get("X-Amzn-Requestid"), Status: a.status}
		return nil, f
	}
	return nil, nil
}

// listFault says what AWS refused where no model is called.
func (r *refusal) listFault() *fault.Error {
	f := fault.New(r.kind, "%s", r.what).WithRemedy("%s", r.remedy)
	switch r.aws.Code {
	case "AccessDeniedException":
		f = fault.New(fault.Refused, "AWS denied the call: the role's policy does not allow it").
			WithRemedy("Run `adit aws setup` for the environment, which grants it.")
	case "ValidationException", "ResourceNotFoundException":
		f = fault.New(fault.Refused, "Bedrock refused the request").WithRemedy("Check the region of the environment.")
	}
	f.Detail = r.aws.Message // about identities, actions and ids: no text was sent
	if r.aws.Code != "" {
		f.AWS = &r.aws
	}
	f.RetryAfter = r.retryAfter
	return f
}

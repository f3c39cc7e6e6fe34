package bedrock

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/fault"
)

// ListSettings says whose models are listed, and where.
type ListSettings struct {
	Region string
	// Credentials sign every request. No other source of credentials is asked.
	Credentials credential.Credentials
	// Endpoint replaces AWS's endpoint of the Bedrock control plane; "" means AWS's own.
	Endpoint string
	// HTTP sends the requests; nil means a transport that is closed afterwards.
	HTTP http.RoundTripper
	// UserAgent is what AWS sees; "" means "adit".
	UserAgent string
	// PageSize is how many entries a page has, 1 to 1,000; 0 means 1,000.
	PageSize int
	// Now is the clock of [Listing.Read]; nil means time.Now.
	Now func() time.Time
}

// Listing is what an AWS account has in a region.
type Listing struct {
	Region string `json:"region"`
	// Read is when AWS was asked.
	Read time.Time `json:"read"`
	// Models are in the order of their ids, embedding models of the catalogue first.
	Models []ListedModel `json:"models"`
	// Warnings are lists that AWS refused. The others are whole all the same.
	Warnings []ListWarning `json:"warnings,omitempty"`
}

// Origin says what kind of thing an id names.
type Origin string

// Where models come from.
const (
	Foundation         Origin = "foundation"
	SystemProfile      Origin = "system-profile"      // an inference profile that AWS made
	ApplicationProfile Origin = "application-profile" // one that the account made
	Custom             Origin = "custom"
	Provisioned        Origin = "provisioned"
)

// ListedModel is one row of a listing.
type ListedModel struct {
	// ID is what InvokeModel takes: a model id, a profile's id, or an ARN.
	ID       string `json:"id"`
	Name     string `json:"name"`
	Provider string `json:"provider,omitempty"`
	Origin   Origin `json:"origin"`
	// Base are the foundation models behind it, without geography; a foundation model is its own.
	Base []string `json:"base,omitempty"`
	// Inputs and Outputs are AWS's words: TEXT, IMAGE, EMBEDDING, …
	Inputs  []string `json:"inputs,omitempty"`
	Outputs []string `json:"outputs,omitempty"`
	// Lifecycle is ACTIVE or LEGACY for what AWS made, and the status for what the account made.
	Lifecycle string `json:"lifecycle,omitempty"`
	// EndOfLife is when AWS will switch it off; zero while that is unknown.
	EndOfLife time.Time `json:"end_of_life,omitzero"`
	// Family is its family of the catalogue; "" for what Adit cannot embed with.
	Family string `json:"family,omitempty"`
	// Access says whether the account may use the models behind it.
	Access Access `json:"access"`
	// Destinations are the regions that a profile sends calls to; "global" means any.
	Destinations []string `json:"destinations,omitempty"`
	// Why says why the id cannot be invoked as it is; "" means that it can.
	Why string `json:"why,omitempty"`
}

// ListWarning is a list that could not be read, in AWS's words.
type ListWarning struct {
	// Operation is AWS's name of the call, such as "ListCustomModels".
	Operation string `json:"operation"`
	// Message is the sentence for people: what is missing, and what to do.
	Message string `json:"message"`
	// Code, Said and RequestID are AWS's; empty where AWS gave no answer.
	Code      string `json:"code,omitempty"`
	Said      string `json:"said,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

// List reads every model that the account can see in the region: all pages of
// all lists, and the account's access to each. A list that AWS refuses becomes a
// warning; when all of them fail, the first reason is the error.
func List(ctx context.Context, s ListSettings) (Listing, error) {
	l, err := newLister(s)
	if err != nil {
		return Listing{}, err
	}
	defer l.close()

	out := Listing{Region: s.Region, Read: l.now()}
	var got lists
	queries := l.queries(&got)
	failed := make([]error, len(queries))
	var all errgroup.Group
	for i, q := range queries {
		all.Go(func() error { failed[i] = q.read(ctx); return nil })
	}
	_ = all.Wait() // each keeps its own reason

	first, failures := error(nil), 0
	for i, q := range queries {
		if failed[i] == nil {
			continue
		}
		if failures++; first == nil {
			first = failed[i]
		}
		out.Warnings = append(out.Warnings, q.warning(failed[i]))
	}
	if err := ctx.Err(); err != nil {
		return Listing{}, fault.From(err)
	}
	if failures == len(queries) {
		return out, first
	}
	out.Models = got.rows()
	if w := l.readAccess(ctx, out.Models); w != nil {
		out.Warnings = append(out.Warnings, *w)
	}
	if err := ctx.Err(); err != nil {
		return Listing{}, fault.From(err)
	}
	return out, nil
}

// warning says which list is missing and why.
func (q *query) warning(err error) ListWarning {
	return newWarning(q.operation, q.what+" are missing", err)
}

func newWarning(operation, what string, err error) ListWarning {
	f := fault.From(err)
	told := *f
	told.AWS = nil // it has fields of its own
	w := ListWarning{Operation: operation, Message: what + ": " + told.Sentence()}
	if f.AWS != nil {
		w.Code, w.Said, w.RequestID = f.AWS.Code, f.AWS.Message, f.AWS.RequestID
	}
	return w
}

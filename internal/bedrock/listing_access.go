package bedrock

import (
	"context"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/adit-hq/adit/internal/fault"
)

// Access says whether an account may use a model.
type Access struct {
	State AccessState `json:"state"`
	// Why is AWS's reason or what is missing; "" where nothing is.
	Why string `json:"why,omitempty"`
}

// AccessState is what GetFoundationModelAvailability comes to.
type AccessState string

// The states of access.
const (
	// Granted models can be called.
	Granted AccessState = "granted"
	// AgreementNeeded models want an AWS Marketplace agreement, once for the account.
	AgreementNeeded AccessState = "agreement-needed"
	// AgreementPending models have one that AWS is making.
	AgreementPending AccessState = "agreement-pending"
	// NotAuthorized models are closed to the account or its identity.
	NotAuthorized AccessState = "not-authorized"
	// NotInRegion models are called from other regions only.
	NotInRegion AccessState = "not-in-region"
	// AccessUnknown is said where AWS was not asked or did not answer.
	AccessUnknown AccessState = "unknown"
)

// atOnce is how many models' access is asked for at the same time.
const atOnce = 8

// readAccess fills in the access to every row: that of the model behind it, and
// the worst where a profile has several. A reason for which AWS refuses to tell
// ends the asking, and is returned.
func (l *lister) readAccess(ctx context.Context, rows []ListedModel) *ListWarning {
	access, err := l.accessTo(ctx, bases(rows))
	for i := range rows {
		rows[i].Access = Access{State: AccessUnknown}
		for j, b := range rows[i].Base {
			a, known := access[b]
			if !known {
				a = Access{State: AccessUnknown}
			}
			if j == 0 || a.State != Granted {
				rows[i].Access = a
			}
		}
	}
	if err == nil {
		return nil
	}
	w := newWarning("GetFoundationModelAvailability", "the access to models is not known", err)
	return &w
}

// bases are the foundation models behind the rows, each once.
func bases(rows []ListedModel) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Base...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// accessTo asks for the access to each model, until one reason holds for all.
func (l *lister) accessTo(ctx context.Context, models []string) (map[string]Access, error) {
	access := make(map[string]Access, len(models))
	var mu sync.Mutex
	asking, ctx := errgroup.WithContext(ctx)
	asking.SetLimit(atOnce)
	for _, id := range models {
		asking.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			var a availability
			err := l.get(ctx, &a, nil, "foundation-model-availability", id)
			if unknown(err) {
				return nil // an old id, which AWS lists and knows no more
			}
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			access[id] = a.access()
			return nil
		})
	}
	err := asking.Wait()
	return access, err
}

// unknown says that AWS does not know the model, which is no reason to stop.
func unknown(err error) bool {
	f := fault.From(err)
	return f != nil && f.AWS != nil && (f.AWS.Code == "ResourceNotFoundException" || f.AWS.Code == "ValidationException")
}

// access puts AWS's four answers into one, the one to act on first.
func (a *availability) access() Access {
	switch {
	case a.Region == "NOT_AVAILABLE":
		return Access{NotInRegion, "Bedrock does not offer it in this region"}
	case a.Agreement.Status == "PENDING":
		return Access{AgreementPending, "the AWS Marketplace agreement is being set up, which takes some minutes"}
	case a.Agreement.Status == "ERROR":
		return Access{AgreementNeeded, strings.TrimSuffix("the AWS Marketplace agreement failed: "+a.Agreement.Error, ": ")}
	case a.Agreement.Status == "NOT_AVAILABLE":
		return Access{AgreementNeeded, "the account has no AWS Marketplace agreement for it"}
	case a.Authorization == "NOT_AUTHORIZED":
		return Access{NotAuthorized, "the account is not authorized to use it"}
	case a.Entitlement == "NOT_AVAILABLE":
		return Access{NotAuthorized, "the account is not entitled to it"}
	case a.Agreement.Status == "AVAILABLE" && a.Authorization == "AUTHORIZED":
		return Access{State: Granted}
	}
	return Access{AccessUnknown, "AWS gave no clear answer"}
}

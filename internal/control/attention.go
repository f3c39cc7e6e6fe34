package control

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/price"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/trust"
)

// How much something needs somebody, the worst first.
const (
	severityFailed  = "failed"
	severityWarning = "warning"
	severityNotice  = "notice"
)

const (
	// maxAlike is how many things with the same trouble are named one by one.
	maxAlike = 20
	// keyNotice is how long before its end a key is told of.
	keyNotice = 14 * 24 * time.Hour
)

// attention collects what somebody should look at. Ten thousand things with one
// trouble are a sentence, not ten thousand.
type attention struct {
	found []wire.Attention
	more  map[string]*alike
}

// alike is how many things have the same trouble, and how much that matters.
type alike struct {
	count    int
	severity string
}

// add notes one thing more of which the words tell the trouble; describe is
// asked only while there are few of them.
func (f *attention) add(words string, describe func() wire.Attention) {
	if f.more == nil {
		f.more = map[string]*alike{}
	}
	a := f.more[words]
	if a == nil {
		a = new(alike)
		f.more[words] = a
	}
	if a.count++; a.count > maxAlike {
		return
	}
	d := describe()
	a.severity = d.Severity
	f.found = append(f.found, d)
}

// all returns everything, the worst first and of that the latest; what was too
// much to name stands after what was named of its severity.
func (f *attention) all() []wire.Attention {
	for words, a := range f.more {
		if rest := a.count - maxAlike; rest > 0 {
			f.found = append(f.found, wire.Attention{Severity: a.severity, What: fmt.Sprintf("%d more %s.", rest, words), Remedy: "See the full list."})
		}
	}
	order := []string{severityFailed, severityWarning, severityNotice}
	slices.SortFunc(f.found, func(x, y wire.Attention) int {
		return cmp.Or(cmp.Compare(slices.Index(order, x.Severity), slices.Index(order, y.Severity)), y.Since.Compare(x.Since),
			cmp.Compare(x.Name, y.Name), cmp.Compare(x.What, y.What))
	})
	if f.found == nil {
		return []wire.Attention{}
	}
	return f.found
}

// lookAtServer finds what is wrong with all organizations at once. The signing
// keys are the operator's to know.
func (a *api) lookAtServer(c *call, found *attention) {
	if db := a.s.Health.Database(); db.Err != nil {
		found.add("databases cannot be read", func() wire.Attention {
			what := "The server cannot read its database now. The data shown may be old, and nothing can be changed."
			if c.who.May(access.ReadServer, "") {
				what += " " + fault.From(db.Err).Sentence()
			}
			return wire.Attention{Severity: severityFailed, What: what, Remedy: "Make sure that the database is running and reachable.", Since: db.Seen.UTC()}
		})
	}
	if !c.who.May(access.ReadIssuer, "") {
		return
	}
	if a.s.Issuer.URL() == "" {
		found.add("servers have no public URL", func() wire.Attention {
			return wire.Attention{
				Severity: severityWarning, What: "The server has no public URL that AWS could trust, so that no environment can work.",
				Remedy: "Start it with --issuer-url https://HOST, or set ADIT_ISSUER_URL.",
			}
		})
		return
	}
	a.lookAtSigningKeys(found)
}

func (a *api) lookAtSigningKeys(found *attention) {
	keys := a.s.SigningKeys.Keys(signing.DefaultIssuer)
	i := slices.IndexFunc(keys, func(k signing.Key) bool { return k.State == signing.Active })
	if i < 0 {
		found.add("issuers have no active signing key", func() wire.Attention {
			return wire.Attention{
				Severity: severityFailed, What: "No signing key is active: no token can be issued, and no environment can be used.",
				Remedy: "Run `adit issuer keys rotate`, and check the server's log.",
			}
		})
		return
	}
	k := keys[i]
	if ripe := a.s.SigningKeys.Ripens(k); k.Unripe == "forced" && a.s.Now().Before(ripe) {
		found.add("signing keys are not ready", func() wire.Attention {
			return wire.Attention{
				Severity: severityWarning, What: "The signing key " + k.ID + " signs before AWS is certain to know it: exchanges may fail until AWS has fetched it.",
				Remedy: "This resolves itself by " + ripe.UTC().Format("2 January 2006, 15:04 UTC") + ".", Target: k.ID, Since: k.Activated.UTC(),
			}
		})
	}
}

// lookAtKeys finds API keys that end soon, or have.
func lookAtKeys(keys []access.Key, now time.Time, found *attention) {
	ending := chosen(keys, func(k access.Key) bool { return !k.Expires.IsZero() && now.Add(keyNotice).After(k.Expires) })
	slices.SortFunc(ending, func(x, y access.Key) int { return x.Expires.Compare(y.Expires) })
	for _, k := range ending {
		words, what := "API keys expire soon", "expires on "+day(k.Expires)
		remedy := "Set a later expiry, or create a new key for its callers."
		if !now.Before(k.Expires) {
			words, what, remedy = "API keys have expired", "has expired and is refused", "Revoke it, or set a later expiry."
		}
		found.add(words, func() wire.Attention {
			return wire.Attention{Severity: severityWarning, What: "The API key " + k.Name + " " + what + ".", Remedy: remedy, Target: k.ID, Name: k.Name, Since: k.Expires.UTC()}
		})
	}
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// roundUSD writes billionths of a dollar to the cent, and what is less than one exactly.
func roundUSD(nano int64) string {
	if nano < 1e9/100 {
		return "$" + price.FormatUSD(nano)
	}
	return fmt.Sprintf("$%.2f", float64(nano)/1e9)
}

// lookAtTrusted finds issuers whose keys cannot be read, so that their tokens cannot be checked.
func (a *api) lookAtTrusted(issuers []trust.Issuer, found *attention) {
	for _, i := range issuers {
		if why := a.s.Trusted.Problem(i.ID); why != "" {
			found.add("trusted issuers have keys that cannot be read", func() wire.Attention {
				return wire.Attention{
					Severity: severityWarning, What: "The keys of the trusted issuer " + i.Name + " cannot be read: " + why,
					Remedy: "Its tokens are refused unless keys that were read before are still fresh. Check that " + i.URL + " answers.", Target: i.ID, Name: i.Name,
				}
			})
		}
	}
}

// lookAtBudgets finds those of which the money is going out, or is out.
func (a *api) lookAtBudgets(ctx context.Context, c *call, found *attention) error {
	all, err := a.s.Budgets.Budgets(c.organization.ID)
	if err != nil {
		return err
	}
	target := a.targets(ctx, c)
	for _, b := range all {
		spent, state, ends := a.s.Budgets.Status(b)
		if state != budget.Within && target.gone(b.Target) {
			continue // there is nothing to do about it
		}
		switch state {
		case budget.Exceeded:
			found.add("budgets are used up", func() wire.Attention {
				return budgetAttention(b, target, severityFailed, fmt.Sprintf("is used up: requests are refused until %s.", day(ends)),
					"Raise its hard limit of $"+price.FormatUSD(b.Hard)+", or wait.")
			})
		case budget.Warning:
			found.add("budgets have reached their soft limit", func() wire.Attention {
				return budgetAttention(b, target, severityWarning, "has reached its soft limit: "+roundUSD(spent)+" spent.", "Raise the limit, or spend less.")
			})
		default: // within
		}
	}
	return nil
}

func budgetAttention(b budget.Budget, target *targets, severity, what, remedy string) wire.Attention {
	of := "the organization"
	if b.Target != "" {
		of = cmp.Or(target.name(b.Target), b.Target)
	}
	return wire.Attention{Severity: severity, What: fmt.Sprintf("The budget of %s for this %s %s", of, b.Period, what), Remedy: remedy, Target: b.ID, Name: of}
}

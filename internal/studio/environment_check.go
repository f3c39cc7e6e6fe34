package studio

import (
	"math"
	"strconv"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// seen is one thing that was looked at: a step of a diagnosis or of a check.
type seen struct {
	Verdict        string // ok, warning, failed, skipped; "" while it is under way
	Title, Asks    string
	Message        string
	Facts          []pair
	Remedy, Detail string
	Policy         string // a trust policy that mends it
	Took           time.Duration
	On             link // where to go on
}

// Mark is the verdict as a state; nil while it is under way.
func (s seen) Mark() *stateWord {
	switch s.Verdict {
	case "ok":
		return &stateWord{"OK", "good"}
	case "warning":
		return &stateWord{"Warning", "warn"}
	case "failed":
		return &stateWord{"Failed", "bad"}
	case "skipped":
		return &stateWord{"Skipped", "quiet"}
	}
	return nil
}

// Milliseconds are how long it took; 0 when that does not matter.
func (s seen) Milliseconds() int64 { return s.Took.Milliseconds() }

// checkRole asks AWS, step by step, whether the role lets the environment in and
// refuses others. It is a POST: it reaches out to AWS, and may change the state.
func (s *studio) checkRole(v *visit, e wire.Environment) (answer, error) {
	return v.checking(e, ""), nil
}

// checking is the check as a stream. stored is what was done before it.
func (v *visit) checking(e wire.Environment, stored string) stream {
	p := v.ofEnvironment(e, page{title: "Check the role of " + e.Name})
	p.trail = append(p.trail, link{Label: "Setup", URL: v.At("environments", e.ID, "setup")})
	return stream{page: p, list: "check", steps: func(send func(string, any) error) error {
		if stored != "" {
			if err := send("seen", seen{Verdict: "ok", Title: "Role saved", Message: stored, Facts: pairs("role", e.RoleARN)}); err != nil {
				return err
			}
		}
		asking := seen{Title: "Asking AWS", Message: "Exchanging one token at AWS STS in " + e.Region + ", and trying two that must be refused."}
		if e.State == "pending" {
			asking.Message += " A new role can take a minute to be known everywhere in AWS."
		}
		if err := send("seen", asking); err != nil {
			return err
		}
		// A role that was never seen to answer may be so new that AWS does not know it everywhere.
		came, err := v.api.Verify(v.ctx(), v.Org.ID, e.ID, wire.ExchangeInput{Settle: e.State == "pending"})
		if err != nil {
			return err
		}
		for _, step := range v.cameOfCheck(came) {
			if err := send("seen", step); err != nil {
				return err
			}
		}
		return nil
	}}
}

// cameOfCheck tells a verification: the exchange, the probe, and where that leads.
func (v *visit) cameOfCheck(came wire.Verification) []seen {
	return []seen{exchangeSeen(came.Exchange), v.probeSeen(came.Probe, came.Environment), v.whatNext(came.Environment)}
}

func exchangeSeen(x wire.Exchange) seen {
	s := seen{
		Verdict: "ok", Title: "Exchange", Asks: wordsOfStep("exchange").Asks,
		Facts: pairs("account", x.Account, "session", x.SessionName, "role", x.RoleARN, "sub", x.Subject, "aud", x.Audience, "AWS request id", x.RequestID),
	}
	if x.Problem == nil {
		s.Message = "AWS issued credentials for this environment."
		if x.ClockOffset != nil && math.Abs(*x.ClockOffset) > 60 {
			s.Verdict, s.Remedy = "warning", "This server's clock is "+strconv.Itoa(int(math.Abs(*x.ClockOffset)))+" s off AWS's. Synchronize it with NTP."
		}
		return s
	}
	f := client.Fault(*x.Problem)
	s.Verdict, s.Message, s.Remedy, s.Detail = "failed", sentence(f.Message), f.Remedy, f.Detail
	if f.AWS != nil {
		words := pairs("AWS code", f.AWS.Code, "AWS message", f.AWS.Message)
		if x.RequestID == "" {
			words = append(words, pairs("AWS request id", f.AWS.RequestID)...)
		}
		s.Facts = append(words, s.Facts...)
	}
	return s
}

func (v *visit) probeSeen(p wire.Probe, e wire.Environment) seen {
	s := seen{
		Title: "Negative probe", Asks: wordsOfStep("probe").Asks, Message: sentence(p.Why),
		Facts: pairs("another environment of the organization", p.Own, "another organization", p.Foreign),
	}
	switch p.Verdict {
	case "refuses":
		s.Verdict, s.Message = "ok", "The role refuses all other tokens."
	case "wide":
		s.Verdict, s.Policy = "warning", v.trustPolicy(e)
	case "unsafe":
		s.Verdict, s.Policy = "failed", v.trustPolicy(e)
	default: // undecided
		s.Verdict = "skipped"
		if s.Message == "" {
			s.Message = "AWS gave no clear answer, so this is undecided."
		}
	}
	switch {
	case s.Policy != "":
		s.Remedy = "Replace the role's trust policy with this one, which allows this environment only, and check again:"
	case s.Verdict == "warning" || s.Verdict == "failed":
		s.Remedy = "Run `" + v.Command("aws setup", e) + "`, which restricts the role to this environment, and check again."
	}
	return s
}

// whatNext is the last step of a check: how the environment is now, and where to go.
func (v *visit) whatNext(e wire.Environment) seen {
	words := standingOf(e)
	s := seen{Title: words.Title, Message: words.Means}
	s.On = link{Label: "Continue", URL: v.At("environments", e.ID, "setup"), Primary: true}
	switch stageOf(e) {
	case stageModels:
		s.Verdict, s.On.Label = "ok", "Choose models"
	default:
		s.Verdict = "failed"
		if e.State == "pending" {
			s.Verdict = "warning"
		}
		s.On.Label = "Back to setup"
	}
	return s
}

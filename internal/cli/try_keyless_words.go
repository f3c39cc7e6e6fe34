package cli

import (
	"fmt"
	"time"

	"github.com/adit-hq/adit/internal/awssetup"
	"github.com/adit-hq/adit/internal/control/wire"
)

func (t *tryPage) environment(e wire.Environment, took time.Duration) {
	t.heading("Create an environment: adit env create "+e.Name+" --region "+e.Region, took)
	t.line("   subject    " + e.Subject)
	t.line("   audience   " + e.Audience)
	t.line("   state      " + e.State + ": no AWS role yet")
	t.line("")
}

// setUp shows what the setup made, and that the role is for this environment alone.
func (t *tryPage) setUp(plan *awssetup.Plan, v wire.Verification, took time.Duration) {
	t.heading("Make AWS trust it: adit aws setup "+v.Environment.Name, took)
	for _, s := range plan.Steps {
		if s.Action != awssetup.Keep {
			t.line(fmt.Sprintf("   %-10s %s %s", string(s.Action)+"d", s.Kind, s.Name))
		}
	}
	t.line("   exchange   token to session credentials: " + v.Exchange.Outcome)
	t.line("   probe      the role " + v.Probe.Verdict + " foreign subjects")
	t.line("   state      " + v.Environment.State)
	t.line("")
}

func (t *tryPage) diagnosed(steps []wire.Step, took time.Duration) {
	t.heading("Check every step: adit doctor --environment "+tryEnvironment, took)
	for _, s := range steps {
		t.line(fmt.Sprintf("   %-10s %s", s.Verdict, s.Name))
		if s.Verdict != "ok" && s.Message != "" {
			t.block("              ", s.Message)
		}
	}
	t.line("")
}

// listed shows the embedding models, and how many others there are.
func (t *tryPage) listed(m wire.Models, took time.Duration) {
	t.heading("List the account's models: adit env models "+tryEnvironment, took)
	others := 0
	for _, one := range m.Items {
		if !one.Embeds {
			others++
			continue
		}
		mark := ""
		if one.Enabled {
			mark = ", enabled"
		}
		t.line(fmt.Sprintf("   %-40s %s%s", one.ID, one.Access, mark))
	}
	if others > 0 {
		t.line(fmt.Sprintf("   and %s that are not for embeddings", grouped(int64(others))))
	}
	t.line("")
}

func (t *tryPage) keysMade(keys []tryKey, took time.Duration) {
	t.heading("Create API keys: adit key create NAME --env "+tryEnvironment, took)
	for _, k := range keys {
		t.line(fmt.Sprintf("   %-12s %s...", k.name, k.secret[:min(len(k.secret), 34)]))
	}
	t.text("They are all that programs hold. No AWS key exists, neither in a program nor in Adit.")
	t.line("")
}

// attributed shows whom AWS saw: the sessions of the environment's role.
func (t *tryPage) attributed(sessions []string, calls map[string]int, took time.Duration) {
	t.heading("See who called, in AWS's audit trail", took)
	for _, s := range sessions {
		t.line(fmt.Sprintf("   %11s   %s", counted(int64(calls[s]), "call"), s))
	}
	t.text("Each API key has its own session of the role, and CloudTrail and the bill name it.")
	t.line("")
}

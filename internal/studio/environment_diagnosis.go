package studio

import (
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
)

// diagnosisPage is the page before a walk.
type diagnosisPage struct {
	Env      wire.Environment
	Standing standing
	Ahead    []stepWords
}

func (s *studio) diagnosis(v *visit, e wire.Environment) (answer, error) {
	d := diagnosisPage{Env: e, Standing: standingOf(e)}
	for _, name := range walkAhead() {
		d.Ahead = append(d.Ahead, wordsOfStep(name))
	}
	return v.ofEnvironment(e, page{
		template: "diagnosis", title: "Diagnose " + e.Name, data: d,
		lead: "Checks every step from this server's public URL to the models, and says what was found and how to fix it.",
	}), nil
}

// diagnose walks, and draws each step as it is made. A browser that leaves ends the walk.
func (s *studio) diagnose(v *visit, e wire.Environment) (answer, error) {
	invoke := v.form().Has("invoke", "on")
	p := v.ofEnvironment(e, page{title: "Diagnosis of " + e.Name})
	p.actions = []link{{Label: "Run again", URL: v.At("environments", e.ID, "diagnosis")}}
	return stream{page: p, list: "walk", steps: func(send func(string, any) error) error {
		for event, err := range v.api.Diagnose(v.ctx(), v.Org.ID, e.ID, wire.DiagnosisInput{Invoke: invoke}) {
			if err != nil {
				return err
			}
			var step seen
			switch {
			case event.Step != nil:
				step = stepSeen(*event.Step)
			case event.Summary != nil:
				step = v.summarySeen(e, *event.Summary)
			default:
				continue
			}
			if err := send("seen", step); err != nil {
				return err
			}
		}
		return nil
	}}, nil
}

func stepSeen(s wire.Step) seen {
	w := wordsOfStep(s.Name)
	out := seen{
		Verdict: s.Verdict, Title: w.Title, Asks: w.Asks, Message: sentence(s.Message), Remedy: s.Remedy,
		Took: time.Duration(s.Milliseconds) * time.Millisecond,
	}
	for _, f := range s.Facts {
		if f.Name == "detail" { // a policy, or other lines that are read whole
			out.Detail = f.Value
			continue
		}
		out.Facts = append(out.Facts, pair{factWords(f.Name), f.Value})
	}
	return out
}

// summarySeen counts the steps up, as the last of them.
func (v *visit) summarySeen(e wire.Environment, s wire.Summary) seen {
	parts := []string{counted(s.OK, "passed", "passed")}
	for _, c := range []struct {
		n         int
		one, many string
	}{{s.Warnings, "warning", "warnings"}, {s.Failed, "failed", "failed"}, {s.Skipped, "skipped", "skipped"}} {
		if c.n > 0 {
			parts = append(parts, counted(c.n, c.one, c.many))
		}
	}
	out := seen{Verdict: s.Verdict, Message: strings.Join(parts, ", ") + ".", On: link{Label: "Back to " + e.Name, URL: v.At("environments", e.ID)}}
	switch s.Verdict {
	case "ok":
		out.Title = "Everything works"
	case "warning":
		out.Title = "It works, with warnings"
	default:
		out.Title = "Something is wrong: start with the first failed step"
	}
	return out
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

package studio

import (
	"io"

	"github.com/adit-hq/adit/internal/control/wire"
)

// setupProgress is what the path looks at while it waits, every few seconds: it
// asks the control API how the environment is, and never AWS. When the environment
// got further, the browser goes to the next step by itself.
type setupProgress struct {
	setupNow
	// On is where to go, once the environment is at another step than the page; ""
	// while it is not. A check that failed stays on the page with what it found.
	On string
}

func (s *studio) setupProgress(v *visit, e wire.Environment) (answer, error) {
	d := setupProgress{setupNow: setupNowOf(e)}
	if was := stage(v.query("was")); was != "" && was != d.Stage {
		d.On = v.At("environments", e.ID, "setup")
	}
	if was := v.query("role"); was != "" && was != e.RoleARN { // another role is checked anew
		d.On = v.At("environments", e.ID, "setup")
	}
	p := page{template: "setup-progress", title: "Waiting for " + e.Name, data: d, refresh: 5}
	if d.Stage == stageModels || d.On != "" {
		p.refresh = 0
	}
	return v.ofEnvironment(e, p), nil
}

// writes is a text on its way into a file.
func writes(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

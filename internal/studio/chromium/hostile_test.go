package chromium

import (
	"strings"
	"testing"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// script is what must never run, in the ways that a page could be led to run it.
const script = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>"'><svg onload=alert(1)>{{.}}${1}`

// hostile are texts that somebody could have entered, or AWS could say.
func hostile() []string {
	return []string{script, "\u202egnp.exe \u2067right\u2069 to left", strings.Repeat("long ", 150) + strings.Repeat("W", 200)}
}

func TestHostileTextIsShownAsText(t *testing.T) {
	s := newStand(t, nil)
	s.must(s.aws.Inject(emulator.Fault{
		Kind: emulator.FaultStatus, Operation: "AssumeRoleWithWebIdentity", Code: "AccessDenied", Message: script + " said AWS",
	}))
	paths := s.plant()
	b := s.signedIn()
	for _, path := range paths {
		b.visit(path)
		b.settled()
		if title := value[string](b, `document.title`); title == "run" {
			t.Errorf("%s ran a script", path)
		}
		if n := value[int](b, `document.querySelectorAll("main img, main script, main [onerror], main [onload]").length`); n != 0 {
			t.Errorf("%s has %d elements out of a text", path, n)
		}
		if over := value[string](b, overflow); over != "" {
			t.Errorf("%s scrolls sideways: %s", path, over)
		}
	}
	b.visit(s.home() + "/environments/a")
	b.sees("onerror=")
}

// plant puts hostile texts into every field that takes them, and returns the
// pages that show them, the environment's first.
func (s *stand) plant() []string {
	s.t.Helper()
	ctx, home := s.t.Context(), s.home()
	paths := []string{home, home + "/environments", home + "/keys", home + "/trusted-issuers", home + "/audit", home + "/usage", home + "/organization", "/studio/organizations"}
	for i, text := range hostile() {
		_, err := s.control.CreateKey(ctx, "default", wire.KeyInput{Name: "\x00" + text})
		if f := fault.From(err); f == nil || f.Kind != fault.Invalid {
			s.t.Errorf("a name with NUL: %v", err)
		}
		text, name := printable(text), string(rune('a'+i))
		e, err := s.control.CreateEnvironment(ctx, "default", wire.EnvironmentInput{
			Name: name, Region: "us-east-1", Description: text, RoleARN: "arn:aws:iam::111122223333:role/" + name, Models: []string{titanV2},
		})
		s.must(err)
		_, _ = s.control.Exchange(ctx, "default", e.ID, wire.ExchangeInput{}) // AWS says No, with a script
		k, err := s.control.CreateKey(ctx, "default", wire.KeyInput{Name: strings.TrimSpace(clipped(text, 90)), Tags: map[string]string{"team": "a"}})
		s.must(err)
		o, err := s.control.UpdateOrganization(ctx, "default", wire.OrganizationPatch{Description: &text})
		s.must(err)
		at := home + "/environments/" + e.ID
		paths = append([]string{at, at + "/edit", at + "/setup", at + "/delete", at + "/diagnosis", at + "/models"}, append(paths, home+"/keys/"+k.Key.ID, "/studio/o/"+o.ID)...)
	}
	return paths
}

// clipped is the beginning of a text, at a whole character.
func clipped(text string, most int) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), most)])
}

// printable leaves out what no name may have.
func printable(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r >= 0x202a && r <= 0x2069 {
			return -1
		}
		return r
	}, text))
}

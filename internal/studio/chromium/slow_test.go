package chromium

import (
	"testing"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/control/wire"
)

func TestThePageIsThereAtOnceWhateverSTSDoesAndTheDiagnosisNamesTheCause(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault emulator.Fault
		says  string
	}{
		{"refuses", emulator.Fault{Kind: emulator.FaultStatus, Code: "AccessDenied"}, "AccessDenied"},
		{"is slow", emulator.Fault{Kind: emulator.FaultDelay, Delay: time.Minute}, "did not answer in time"},
		{"is cut off", emulator.Fault{Kind: emulator.FaultCut}, "cannot be reached"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, nil)
			e, err := s.control.CreateEnvironment(t.Context(), "default", wire.EnvironmentInput{Name: "prod", Region: "us-east-1", Models: []string{titanV2}})
			s.must(err)
			s.adit("aws", "setup", "prod", "--yes")
			c.fault.Operation = "AssumeRoleWithWebIdentity"
			s.must(s.aws.Inject(c.fault))
			b := s.signedIn()
			b.expect("502") // the list of models, which AWS does not give
			b.expect("503")
			b.expect("504")
			b.visit(s.home() + "/environments/" + e.ID)
			took := value[float64](b, `performance.getEntriesByType("navigation")[0].responseEnd`)
			if took > 5000 {
				t.Errorf("the page took %.0f ms", took)
			}
			b.sees(e.ID)
			b.visit(s.home() + "/environments/" + e.ID + "/diagnosis")
			b.press("Run diagnosis")
			b.sees(c.says)
			b.shoot("diagnosis-" + c.name)
		})
	}
}

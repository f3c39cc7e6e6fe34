package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/control/wire"
)

func TestTheDoctorWalksFromTheIssuerToTheModels(t *testing.T) {
	d := newDesk(t)
	d.publish()
	d.serve()
	d.adit("env", "create", "prod", "--region", "us-east-1", "--model", "amazon.titan-embed-text-v2:0").exits(0)
	d.adit("doctor", "--environment", "prod").exits(4).says("ok token", "x  exchange", "no AWS role yet", "> ", "1 failed")
	d.adit("aws", "setup", "prod", "--yes").exits(0)
	d.adit("doctor", "--environment", "prod", "--invoke").exits(0).says("Environment prod", "ok public url", "ok jwks", "ok exchange", "ok probe", "ok identity", "ok access", "ok invoke", "0 failed")
	answer := d.adit("doctor", "--environment", "prod", "-o", "json").exits(0).json()
	if answer["verdict"] == "failed" || len(answer["steps"].([]any)) < 10 {
		t.Errorf("%v", answer)
	}
	d.adit("doctor", "--environment", "nowhere").exits(3)
	d.adit("doctor", "--invoke").exits(2).tells("--environment")
}

func TestTheDoctorEndsWithTheCodeOfTheFirstFailure(t *testing.T) {
	for _, tt := range []struct {
		steps []wire.Step
		want  int
	}{
		{[]wire.Step{{Verdict: "ok"}, {Verdict: "warning"}, {Verdict: "skipped"}}, 0},
		{[]wire.Step{{Verdict: "ok"}, {Verdict: "failed", Kind: "config"}, {Verdict: "failed", Kind: "refused"}}, 3},
		{[]wire.Step{{Verdict: "failed", Kind: "refused"}}, 5},
		{[]wire.Step{{Verdict: "failed", Kind: "unavailable"}}, 6},
		{[]wire.Step{{Verdict: "failed"}}, 5},
	} {
		if got := exitCode(ailment(tt.steps)); got != tt.want {
			t.Errorf("%v: %d, not %d", tt.steps, got, tt.want)
		}
	}
}

func TestAStepIsPrintedWithWhatWasSeenAndWhatToDo(t *testing.T) {
	var out bytes.Buffer
	p := &Process{}
	p.printStep(&out, wire.Step{
		Name: "exchange", Verdict: "failed", Message: "AWS said no", Remedy: "Paste this:\n{\n}\n",
		Facts: []wire.Fact{{Name: "aws_code", Value: "AccessDenied"}, {Name: "sub", Value: "env:a:b"}},
	})
	p.printStep(&out, wire.Step{Name: "token", Verdict: "ok", Remedy: "nothing"})
	p.printStep(&out, wire.Step{Name: "invoke", Verdict: "skipped", Message: "add --invoke"})
	want := strings.Join([]string{
		"  x  exchange: AWS said no",
		"      aws code  AccessDenied",
		"      sub       env:a:b",
		"      > Paste this:",
		"        {",
		"        }",
		"  ok token",
		"  -  invoke: add --invoke",
		"",
	}, "\n")
	if out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", out.String(), want)
	}
}

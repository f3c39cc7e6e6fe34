package studio

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

func prod() wire.Environment {
	return wire.Environment{
		ID: "env_0a9b5f0c2d1e9a7b4c3d2e1f", Organization: "org_5f0c2d1e9a7b4c3d2e1f0a9b", Name: "prod", Region: "eu-central-1",
		RoleARN: "arn:aws:iam::111122223333:role/adit-prod", Audiences: []string{"bedrock", "other"}, SessionSeconds: 3600,
		Models: []string{"amazon.titan-embed-text-v2:0"}, Limits: wire.Limits{PerMinute: 600}, SessionName: "key",
		Tags: map[string]string{"team": "search", "cost": "a = b"}, State: "ready", Version: 3,
		Issuer: "https://adit.example.com", Subject: "env:org_5f0c2d1e9a7b4c3d2e1f0a9b:env_0a9b5f0c2d1e9a7b4c3d2e1f", Audience: "bedrock",
	}
}

func TestAFormThatNobodyTouchedChangesNothing(t *testing.T) {
	for _, e := range []wire.Environment{prod(), {}} {
		p, faults := environmentPatch(formOf(e), formOf(e))
		if diff := cmp.Diff(wire.EnvironmentPatch{}, p); diff != "" || len(faults) > 0 {
			t.Errorf("of %q: %s\nfaults %v", e.Name, diff, faults)
		}
	}
}

func TestAFormChangesOnlyTheFieldsThatDiffer(t *testing.T) {
	f := formOf(prod())
	f.values.Set("role_arn", "  ")
	f.values.Set("limits.max_concurrent", "4")
	f.values.Set("session_seconds", "900")
	f.values.Set("audiences", "bedrock\r\n\r\n  third ")
	p, faults := environmentPatch(f, formOf(prod()))
	empty, seconds := "", 900
	want := wire.EnvironmentPatch{
		RoleARN: &empty, SessionSeconds: &seconds, Audiences: &[]string{"bedrock", "third"}, Limits: &wire.Limits{PerMinute: 600, Concurrent: 4},
	}
	if diff := cmp.Diff(want, p); diff != "" || len(faults) > 0 {
		t.Errorf("%s\nfaults %v", diff, faults)
	}
}

func TestWhatIsNoNumberAndNoTagIsToldByField(t *testing.T) {
	f := form{values: url.Values{
		"session_seconds": {"an hour"}, "limits.requests_per_minute": {"-1"}, "limits.max_concurrent": {"99999999999999999999"}, "tags": {"lonely"},
	}}
	p, faults := environmentPatch(f, form{})
	want := wire.EnvironmentPatch{
		SessionSeconds: pointer(refusedNumber), Limits: &wire.Limits{PerMinute: refusedNumber, Concurrent: refusedNumber}, Tags: pointer(refusedTags()),
	}
	if d := cmp.Diff(want, p); d != "" {
		t.Errorf("what cannot be read is not sent so that it is refused: %s", d)
	}
	told := faultsOf(faults.Err())
	for _, field := range []string{"session_seconds", "limits.requests_per_minute", "limits.max_concurrent", "tags"} {
		if told[field] == "" {
			t.Errorf("nothing is said of %s: %v", field, told)
		}
	}
	_, faults = environmentPatch(form{values: url.Values{"tags": {"a=1\na=2"}}}, form{})
	if told := faultsOf(faults.Err()); told["tags"] != "The tag a is there twice." {
		t.Errorf("faults = %v", told)
	}
}

func TestTagsThatWereWrittenAreReadAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tags := rapid.MapOf(rapid.StringMatching(`[A-Za-z0-9:/_-]{1,8}`), rapid.StringMatching(`([A-Za-z0-9]([ =A-Za-z0-9]{0,8}[A-Za-z0-9])?)?`)).Draw(t, "tags")
		var bad fault.Inputs
		got := typedTags(filled(map[string]string{"tags": tagLines(tags)}), &bad)
		if diff := cmp.Diff(tags, got); diff != "" || len(bad) > 0 {
			t.Fatalf("%s\n%v", diff, bad)
		}
	})
}

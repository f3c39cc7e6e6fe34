package awssetup_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/awssetup"
	"github.com/adit-hq/adit/internal/fault"
)

// params returns the parameters that an error blames.
func params(err error) string {
	var out []string
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			out = append(out, fault.From(e).Param)
		}
	}
	return strings.Join(out, " ")
}

func TestEverythingWrongIsSaidAtOnce(t *testing.T) {
	f := facts()
	f.Issuer, f.Region, f.Audiences, f.Session = "http://x", "mars", nil, time.Minute
	o := awssetup.Options{RoleName: "a b", Path: "ai", Boundary: "x", MaxSession: time.Minute, Account: "1", Tags: map[string]string{"adit:x": "", "é": "ok", "a": "1", "A": "", "b": "$"}, Models: []string{"?"}}
	_, err := awssetup.Render(awssetup.CLI, f, o)
	want := "issuer region audiences session role_name path boundary max_session account tags tags tags models"
	if diff := cmp.Diff(want, params(err)); diff != "" {
		t.Errorf("faults (-want +got):\n%s\n%v", diff, err)
	}
}

func TestHostileInputIsRefused(t *testing.T) {
	for _, hostile := range []string{"'", `"`, "`id`", "$(id)", "${x}", "a\nb", "a\x00b", "*", "?", "; rm -rf /", "%{x}", "\ue000", "<script>", "../x", "\\", "a b\u0085"} {
		for name, set := range map[string]func(*awssetup.Facts, *awssetup.Options){
			"issuer":       func(f *awssetup.Facts, _ *awssetup.Options) { f.Issuer = issuer + "/" + hostile },
			"organization": func(f *awssetup.Facts, _ *awssetup.Options) { f.OrganizationID += hostile },
			"environment":  func(f *awssetup.Facts, _ *awssetup.Options) { f.EnvironmentID = hostile },
			"names":        func(f *awssetup.Facts, _ *awssetup.Options) { f.EnvironmentName = hostile },
			"owner":        func(f *awssetup.Facts, _ *awssetup.Options) { f.OrganizationName = hostile },
			"region":       func(f *awssetup.Facts, _ *awssetup.Options) { f.Region = "us-east-1" + hostile },
			"role":         func(_ *awssetup.Facts, o *awssetup.Options) { o.RoleName = "r" + hostile },
			"role arn":     func(f *awssetup.Facts, _ *awssetup.Options) { f.RoleARN = "arn:aws:iam::111122223333:role/r" + hostile },
			"account":      func(_ *awssetup.Facts, o *awssetup.Options) { o.Account = accounts + hostile },
			"thumbprint":   func(f *awssetup.Facts, _ *awssetup.Options) { f.Thumbprint = hostile },
			"models":       func(_ *awssetup.Facts, o *awssetup.Options) { o.Models = []string{"acme.x" + hostile} },
		} {
			f, o := facts(), awssetup.Options{}
			set(&f, &o)
			if name == "role arn" && hostile == "../x" {
				continue // a path, if an odd one
			}
			for _, format := range awssetup.Formats() {
				if text, err := awssetup.Render(format, f, o); err == nil {
					t.Errorf("%s %q was taken:\n%s", name, hostile, text)
				}
			}
		}
		if strings.ContainsAny(hostile, "/") || hostile == "a b\u0085" {
			continue // tags may hold slashes and spaces
		}
		for key, value := range map[string]string{hostile: "v", "k": hostile} {
			if _, err := awssetup.Render(awssetup.CLI, facts(), awssetup.Options{Tags: map[string]string{key: value}}); err == nil {
				t.Errorf("the tag %q = %q was taken", key, value)
			}
		}
	}
}

func TestAnAudienceCannotWidenThePolicy(t *testing.T) {
	for _, audience := range []string{"*", "a*", "a?", "${aws:username}", "", strings.Repeat("a", 256), "a b", "a,b", "'"} {
		f := facts()
		f.Audiences = []string{audience}
		if _, err := awssetup.TrustPolicy(f, ""); err == nil {
			t.Errorf("the audience %q was taken", audience)
		}
	}
}

func TestTooManyModelsForARoleAreRefusedBeforeAWSIsAsked(t *testing.T) {
	var o awssetup.Options
	for range 12 {
		for _, m := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"} {
			o.Models = append(o.Models, "acme."+strings.Repeat(m, 60)+"-"+string(rune('a'+len(o.Models)/12))+":0")
		}
	}
	_, err := awssetup.Render(awssetup.CLI, facts(), o)
	if f := fault.From(err); f == nil || f.Param != "models" || !strings.Contains(f.Message, "IAM allows 10240") {
		t.Errorf("got %v", err)
	}
}

func TestTheTrustPolicyToPasteNamesTheAccountOrSaysWhere(t *testing.T) {
	for id, want := range map[string]string{"": "arn:aws-cn:iam::YOUR_AWS_ACCOUNT_ID:oidc-provider/" + host, accounts: "arn:aws-cn:iam::111122223333:oidc-provider/" + host} {
		f := facts()
		f.Region = "cn-north-1"
		text, err := awssetup.TrustPolicy(f, id)
		if err != nil || !strings.Contains(text, want) {
			t.Errorf("%v in\n%s", err, text)
		}
	}
}

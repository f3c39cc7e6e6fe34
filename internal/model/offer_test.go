package model_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/model"
)

func TestEveryFamilyIsOfferedAndOnlyProfilesOfThatPartOfTheWorld(t *testing.T) {
	profiles := map[string]string{
		"us-east-1": "us. global.", "eu-west-1": "eu. global.", "ap-northeast-1": "global.", "sa-east-1": "global.",
		"ca-central-1": "us. global.", "us-gov-west-1": "", "cn-north-1": "",
	}
	for region, want := range profiles {
		var got []string
		plain := map[string]bool{}
		for _, u := range model.Offered(region) {
			if parsed, err := model.ParseID(u.ID.String()); err != nil || parsed != u.ID {
				t.Errorf("%s: the id %s is read as %v, %v", region, u.ID, parsed, err)
			}
			if g := u.ID.Geography(); g != "" {
				got = append(got, g+".")
				continue
			}
			plain[u.Family.Name] = true
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: profiles (-want +got):\n%s", region, diff)
		}
		if len(plain) != len(model.Families()) {
			t.Errorf("%s offers %d of %d families", region, len(plain), len(model.Families()))
		}
	}
}

func TestAProfileOfAnUnknownModelGrantsOnlyWhatIsBehindIt(t *testing.T) {
	arn := "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/ab12cd34ef56"
	id, err := model.ParseID(arn)
	if err != nil {
		t.Fatal(err)
	}
	policy, err := model.Policy([]model.Use{{ID: id, Region: "us-east-1"}}, "")
	if err != nil {
		t.Fatal(err)
	}
	var read struct{ Statement []model.Statement }
	if err := json.Unmarshal(policy, &read); err != nil {
		t.Fatal(err)
	}
	for _, s := range read.Statement {
		wide := slices.ContainsFunc(s.Resource.([]any), func(r any) bool { return strings.HasSuffix(r.(string), "/*") })
		if wide && s.Condition["StringLike"]["bedrock:InferenceProfileArn"] != arn {
			t.Errorf("every model is granted without the profile:\n%s", policy)
		}
	}
}

func TestDestinationsAreRegionsAndTheGlobalOneSaysSo(t *testing.T) {
	got := model.DestinationRegions([]string{
		"arn:aws:bedrock:us-west-2::foundation-model/x.y", "arn:aws:bedrock:us-east-1::foundation-model/x.y", "arn:aws:bedrock:us-west-2::foundation-model/x.y",
		"arn:aws:bedrock:::foundation-model/x.y", "nonsense",
	})
	if diff := cmp.Diff([]string{"global", "us-east-1", "us-west-2"}, got); diff != "" {
		t.Error(diff)
	}
}

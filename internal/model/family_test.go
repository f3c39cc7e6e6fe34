package model_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/model"
)

func TestTitanV1IsNeverSilentlyV2(t *testing.T) {
	one, two := find(t, "amazon.titan-embed-text-v1"), find(t, "amazon.titan-embed-text-v2:0")
	if one.Name == two.Name || one.Dimensions[0] != 1536 || two.Dimensions[0] != 1024 {
		t.Errorf("v1 is %s with %d dimensions, v2 is %s with %d", one.Name, one.Dimensions[0], two.Name, two.Dimensions[0])
	}
	id, _ := model.ParseID("amazon.titan-embed-text-v2")
	_, err := model.Find(id, "")
	if err == nil || !strings.Contains(err.Error(), "Did you mean amazon.titan-embed-text-v2:0?") {
		t.Errorf("a near miss got %v", err)
	}
}

func TestAnOpaqueARNNeedsItsFamilyAndNothingElseMayContradict(t *testing.T) {
	opaque, _ := model.ParseID("arn:aws:bedrock:us-east-1:111122223333:provisioned-model/ab12cd34ef56")
	plain, _ := model.ParseID("cohere.embed-english-v3")
	for _, c := range []struct {
		id     model.ID
		family string
		want   string
	}{
		{opaque, "cohere-v3", "cohere-v3"}, {opaque, "", ""}, {opaque, "cohere", ""},
		{plain, "", "cohere-v3"}, {plain, "cohere-v3", "cohere-v3"}, {plain, "nova", ""},
	} {
		f, err := model.Find(c.id, c.family)
		switch {
		case c.want == "" && fault.KindOf(err) != fault.Config:
			t.Errorf("Find(%s, %q) = %v, want a configuration fault", c.id, c.family, err)
		case c.want != "" && (err != nil || f.Name != c.want):
			t.Errorf("Find(%s, %q): %v", c.id, c.family, err)
		}
	}
}

func TestEveryDefaultIsAllowedAndEveryFamilyIsComplete(t *testing.T) {
	for _, f := range model.Families() {
		if _, err := f.Resolve(nil); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		for _, p := range f.Params {
			if _, err := f.Resolve(map[string]string{p.Name: p.Default}); err != nil {
				t.Errorf("%s: default of %s: %v", f.Name, p.Name, err)
			}
			if p.Doc == "" {
				t.Errorf("%s: %s is not explained", f.Name, p.Name)
			}
		}
		if f.TextsPerCall == 0 || f.MaxTokens == 0 || len(f.Dimensions) == 0 || f.USDPerMillionTokens == 0 {
			t.Errorf("%s lacks a figure: %+v", f.Name, f)
		}
	}
}

func TestAFaultQuotesOnlyTheBeginningOfALongValueOrName(t *testing.T) {
	f, long := find(t, "cohere.embed-english-v3"), strings.Repeat("é", 1<<20)
	for _, set := range []map[string]string{{"truncate": long}, {long: "END"}} {
		_, err := f.Resolve(set)
		if f := fault.From(err); f == nil || len(f.Sentence()) > 400 || len(f.Param) > 80 || !utf8.ValidString(f.Message) {
			t.Errorf("%.200v", err)
		}
	}
}

func TestATextIsSentWholeCutOnARuneOrRefusedWithItsLength(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(model.Families()).Draw(t, "family")
		set := map[string]string{}
		if p, ok := f.Param("truncate"); ok {
			set["truncate"] = rapid.SampledFrom(p.Values).Draw(t, "truncate")
		}
		p, err := f.Resolve(set)
		if err != nil {
			t.Fatal(err)
		}
		letter := rapid.SampledFrom([]string{"a", "é", "漢", "🙂"}).Draw(t, "letter")
		n := max(1, f.MaxChars+rapid.IntRange(-3, 3).Draw(t, "beyond"))
		text := "x" + strings.Repeat(letter, n-1)
		got, err := f.Fit(text, p)
		var long *model.LengthError
		switch {
		case f.MaxChars == 0 || n <= f.MaxChars:
			if err != nil || got != text {
				t.Fatalf("a text of %d characters was not left alone: %v", n, err)
			}
		case set["truncate"] == "" || set["truncate"] == "NONE":
			if !errors.As(err, &long) || long.Length != n || long.Limit != f.MaxChars {
				t.Fatalf("want a length error with %d of %d, got %v", n, f.MaxChars, err)
			}
		case !f.CutsToMaxChars:
			if err != nil || got != text {
				t.Fatalf("AWS cuts this one itself: %v", err)
			}
		default:
			whole := set["truncate"] == "END" && strings.HasPrefix(text, got) || set["truncate"] == "START" && strings.HasSuffix(text, got)
			if err != nil || !whole || !utf8.ValidString(got) || utf8.RuneCountInString(got) != f.MaxChars {
				t.Fatalf("cut to %d characters, %v", utf8.RuneCountInString(got), err)
			}
		}
	})
}

func TestTheLeastPolicyNamesModelsProfilesAndWhatIsBehindThem(t *testing.T) {
	var uses []model.Use
	for _, id := range []string{"amazon.titan-embed-text-v2:0", "cohere.embed-english-v3", "us.cohere.embed-v4:0"} {
		parsed, _ := model.ParseID(id)
		uses = append(uses, model.Use{ID: parsed, Region: "us-east-1", Family: find(t, id)})
	}
	policy, err := model.Policy(uses, "111122223333")
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(policy, &got); err != nil {
		t.Fatal(err)
	}
	const profile = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.cohere.embed-v4:0"
	allow := func(sid string, resources ...any) map[string]any {
		return map[string]any{"Sid": sid, "Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": resources}
	}
	behind := allow("InvokeBehindProfileA", "arn:aws:bedrock:us-*::foundation-model/cohere.embed-v4:0")
	behind["Condition"] = map[string]any{"StringLike": map[string]any{"bedrock:InferenceProfileArn": profile}}
	want := map[string]any{"Version": "2012-10-17", "Statement": []any{
		allow("InvokeModels", "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0", "arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-english-v3"),
		allow("InvokeProfiles", profile), behind,
	}}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

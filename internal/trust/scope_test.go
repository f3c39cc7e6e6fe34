package trust_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/access/accesstest"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/trust"
)

// What a rule may give its callers is what an API key may have: the same inputs
// are taken, with the same outcome, and the others refused in the same words.
func TestARuleIsBoundedAsAKeyIs(t *testing.T) {
	s := newServer(t)
	keys, err := access.NewRegistry(access.Settings{Store: accesstest.New(), Pepper: []byte(strings.Repeat("p", 32)), Tenants: tenants{}})
	if err != nil {
		t.Fatal(err)
	}
	texts := rapid.SampledFrom([]string{
		"prod", prod, "nowhere", "*", "", "titan", "a b", "team", "Team", "TEAM", "aws:x", "AWS:y", "key", "Environment", "organization", "ü", "a\x00", "a\u202eb",
		strings.Repeat("a", 128), strings.Repeat("a", 129), strings.Repeat("a", 256), strings.Repeat("a", 257), strings.Repeat("a", 2048), strings.Repeat("a", 2049), "x#y", "x y", "1", "2",
	})
	numbers := rapid.SampledFrom([]int{-1, 0, 1, 1_000_000, 1_000_001, 10_000_000, 10_000_001})
	made := 0
	rapid.Check(t, func(t *rapid.T) {
		made++
		list := func(name string) []string {
			if rapid.Bool().Draw(t, "all "+name) {
				return nil
			}
			return rapid.SliceOfN(texts, 0, 4).Draw(t, name)
		}
		environments, models := list("environments"), list("models")
		if rapid.IntRange(0, 20).Draw(t, "long") == 0 {
			models = slices.Repeat([]string{"m"}, rapid.IntRange(199, 202).Draw(t, "length"))
		}
		limits := caller.Limits{PerMinute: numbers.Draw(t, "minute"), Concurrent: numbers.Draw(t, "concurrent")}
		tags := rapid.MapOfN(texts, texts, 0, 5).Draw(t, "tags")
		if rapid.IntRange(0, 20).Draw(t, "many") == 0 {
			for n := range rapid.IntRange(19, 22).Draw(t, "count") {
				tags[fmt.Sprint("tag ", n)] = "x"
			}
		}
		key, _, keyErr := keys.Create(t.Context(), system(), access.Input{
			Organization: orgA, Name: fmt.Sprint(made), Environments: environments, Models: models, Limits: limits, Tags: tags,
		})
		rule, ruleErr := s.trust.Create(t.Context(), system(), trust.Input{
			Organization: orgA, Name: fmt.Sprint(made), URL: s.issuer.URL, Subject: mainBranch,
			Environments: environments, Models: models, Limits: limits, Tags: tags,
		})
		if ruleErr == nil {
			if err := s.trust.Revoke(t.Context(), system(), orgA, rule.ID, 0); err != nil {
				t.Fatal(err)
			}
		}
		if keyErr != nil || ruleErr != nil {
			if keyErr == nil || ruleErr == nil || fault.From(keyErr).Sentence() != fault.From(ruleErr).Sentence() {
				t.Fatalf("key: %v\nrule: %v", keyErr, ruleErr)
			}
			return
		}
		if diff := cmp.Diff([]any{key.Environments, key.Models, key.Limits, key.Tags}, []any{rule.Environments, rule.Models, rule.Limits, rule.Tags}); diff != "" {
			t.Fatal(diff)
		}
	})
}

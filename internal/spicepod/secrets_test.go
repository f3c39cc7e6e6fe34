package spicepod_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/spicepod"
)

// TestNoSecretIsEverInAFault writes files that are wrong in many ways, with
// secrets both in the stores and, as nobody should, in the file itself.
func TestNoSecretIsEverInAFault(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		stored := rapid.StringMatching(`hush[A-Za-z0-9/+ "':{}-]{0,40}`).Draw(t, "stored")
		literal := rapid.StringMatching(`HUSH[A-Za-z0-9/+]{0,60}`).Draw(t, "literal")
		file := secretFile(t, literal)

		_, err := spicepod.Parse("spicepod.yaml", []byte(file), dir, []string{"S=" + stored, "T=" + literal})

		if err == nil {
			return
		}
		asJSON, jsonErr := json.Marshal(err)
		if jsonErr != nil {
			t.Fatal(jsonErr)
		}
		for _, text := range []string{err.Error(), string(asJSON)} {
			if strings.Contains(text, "hush") || strings.Contains(text, "HUSH") {
				t.Fatalf("a secret is in\n%s\n\nof\n%s", text, file)
			}
		}
	})
}

// secretFile writes a Spicepod whose secret parameters hold a literal, maybe
// under a misspelt name, and whose other parameters refer to a secret.
func secretFile(t *rapid.T, literal string) string {
	keys := rapid.SampledFrom([]string{
		"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_acess_key_id", "aws_secret_acces_key", "aws_sesion_token",
		"AWS_SECRET_ACCESS_KEY", "aws-session-token", "secret_access_key", "aws_secret", "session_token", "aws_secret_acess_key_id", "api_key", "password",
	})
	params := rapid.SampledFrom([]string{
		"aws_region", "aws_profile", "max_concurrent_invocations", "aws_endpoint_url", "truncate", "dimensions", "model_family", "aws_iam_role_source", "nonsense",
	})
	forms := rapid.SampledFrom([]string{
		"%: #", `%: "#"`, "%: '#'", `"%": #`, "%: |\n        #", "%: >-\n        #", "%:\n        #", "%: # comment", "%: [#]", "%: {a: #}", "%: x#${ env:S }",
		"? %\n      : #", `%: "#`, "%: &k #", "%: !!str #", "%:   #",
		"%: *#", "%: |#", "%: >#", "%: !#", "%: &#", "%: @#", "%: \"\\#\"", "%: [#", "%: {#", "%: - #", "%: #: x", "%:\n      - #\n      - #",
	})
	references := rapid.SampledFrom([]string{"${ env:S }", "${secrets:S}", `"a${ env:S }b"`, "'${ env:T }'", "${ env:S ", "http://${ env:S }/", "${ env:S }:${ env:T }"})
	ids := rapid.SampledFrom([]string{"cohere.embed-english-v3", "${ env:S }", "amazon.titan-embed-text-v2:0", "arn:aws:bedrock:us-east-1::foundation-model/${ env:T }"})

	var b strings.Builder
	b.WriteString(header + "embeddings:\n")
	for range rapid.IntRange(1, 3).Draw(t, "entries") {
		b.WriteString("  - from: bedrock:" + ids.Draw(t, "id") + "\n    name: m\n    params:\n")
		for range rapid.IntRange(0, 3).Draw(t, "keys") {
			line := strings.ReplaceAll(forms.Draw(t, "form"), "#", literal)
			b.WriteString("      " + strings.Replace(line, "%", keys.Draw(t, "key"), 1) + "\n")
		}
		for range rapid.IntRange(0, 3).Draw(t, "params") {
			b.WriteString("      " + params.Draw(t, "param") + ": " + references.Draw(t, "reference") + "\n")
		}
	}
	return b.String()
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		header, header + "embeddings:\n- &a {from: bedrock:cohere.embed-english-v3, name: m, params: {truncate: END}}\n- <<: *a\n  name: n\n",
		"? a\n: b\n", "%YAML 1.2\n---\na: !!str |\n  b\n", "a: \"b\\\n", "- - - *x\n", "\ufeff{a: [b, {c: d}]}\r\n", "a: ${ secrets:B }\n",
		header + "embeddings:\n- from: bedrock:x.y\n  params: {aws_secret_access_key: '${ env:A }'}\n", "<<: {a: b}\n", "a: &b\n  c: *b\n", "\xff",
	} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := spicepod.Parse("f", data, dir, []string{"A=hush"})
		if (file == nil) == (err == nil) {
			t.Fatalf("file %v, error %v", file, err)
		}
		if err == nil {
			return
		}
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 1
		for _, item := range err.(*spicepod.Faults).Items { //nolint:errorlint // the contract is the type itself
			if item.Line > lines || item.Message == "" {
				t.Errorf("fault %+v in %d lines", item, lines)
			}
		}
	})
}

package trusttest

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Claims are those of a token. A test changes what it likes; nil removes one.
type Claims map[string]any

// With returns the claims with some changed.
func (c Claims) With(changed Claims) Claims {
	all := maps.Clone(c)
	maps.Copy(all, changed)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

// GitHub returns the claims of a job of GitHub Actions on a push to a branch, all
// that GitHub writes (GitHub docs, "OpenID Connect reference"). The repository is
// OWNER/NAME.
func (i *Issuer) GitHub(repository, branch, audience string) Claims {
	now := i.Now()
	owner, _, _ := strings.Cut(repository, "/")
	ref := "refs/heads/" + branch
	workflow := repository + "/.github/workflows/index.yml@" + ref
	const sha = "9f2c1ab0d7e34c58b6a90f1e2d3c4b5a69788796"
	return Claims{
		"jti": "6f4f9a5e-5d0b-4d57-a3e2-6a0c2f6b8d11", "sub": "repo:" + repository + ":ref:" + ref, "aud": audience,
		"ref": ref, "sha": sha, "repository": repository, "repository_owner": owner, "repository_owner_id": "65",
		"run_id": "11963072451", "run_number": "10", "run_attempt": "2", "repository_visibility": "private", "repository_id": "74",
		"actor_id": "12", "actor": "octocat", "workflow": "index", "head_ref": "", "base_ref": "", "event_name": "push",
		"ref_protected": "true", "ref_type": "branch", "workflow_ref": workflow, "workflow_sha": sha,
		"job_workflow_ref": workflow, "job_workflow_sha": sha, "runner_environment": "github-hosted", "check_run_id": "33374251234",
		"enterprise": "acme", "enterprise_id": "3", "iss": i.URL,
		"nbf": now.Add(-10 * time.Minute).Unix(), "exp": now.Add(5 * time.Minute).Unix(), "iat": now.Unix(),
	}
}

// Kubernetes returns the claims of a service account's token in a projected volume
// of a pod (Kubernetes docs, "Managing Service Accounts").
func (i *Issuer) Kubernetes(namespace, account, audience string) Claims {
	now := i.Now()
	return Claims{
		"aud": []string{audience}, "exp": now.Add(time.Hour).Unix(), "iat": now.Unix(), "nbf": now.Unix(), "iss": i.URL,
		"jti": "ea28ed49-2e11-4280-9ec5-bc3d1d84661a",
		"kubernetes.io": map[string]any{
			"namespace":      namespace,
			"node":           map[string]string{"name": "node-1", "uid": "646e7c5e-32d6-4d42-9dbd-e504e6cbe6b1"},
			"pod":            map[string]string{"name": account + "-7d4b9c", "uid": "5e0bd49b-f040-43b0-99b7-22765a53f7f3"},
			"serviceaccount": map[string]string{"name": account, "uid": "14ee3fa4-a7e2-420f-9f9a-dbc4507c3798"},
			"warnafter":      now.Add(50 * time.Minute).Unix(),
		},
		"sub": "system:serviceaccount:" + namespace + ":" + account,
	}
}

// Mint signs claims with the key that signs now.
func (i *Issuer) Mint(c Claims) string {
	k := i.Signing()
	return MintWith(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(k.Algorithm), Key: k.Key}, map[string]any{"kid": k.KeyID, "typ": "JWT"}, c)
}

// MintWith signs with any key, under any header besides alg, which the key says.
func MintWith(key jose.SigningKey, header map[string]any, claims any) string {
	options := &jose.SignerOptions{}
	for name, value := range header {
		options.WithHeader(jose.HeaderKey(name), value)
	}
	signer, err := jose.NewSigner(key, options)
	if err != nil {
		panic(err) // a test asks for a key that cannot sign
	}
	signed, err := signer.Sign(encoded(claims))
	if err != nil {
		panic(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return text
}

// Unsigned writes a token with any header, alg too, and whatever stands for a signature.
func Unsigned(header map[string]any, claims any, signature []byte) string {
	b64 := base64.RawURLEncoding
	return b64.EncodeToString(encoded(header)) + "." + b64.EncodeToString(encoded(claims)) + "." + b64.EncodeToString(signature)
}

// encoded is JSON; bytes and texts are taken for it already.
func encoded(v any) []byte {
	switch v := v.(type) {
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a test asks for claims that JSON does not have
	}
	return b
}

package studio

import (
	"regexp"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// kindOf tells what kind of issuer it is: GitHub Actions by its URL, Kubernetes
// by the subjects of service accounts.
func kindOf(i wire.TrustedIssuer) string {
	switch {
	case i.IssuerURL == githubIssuer:
		return github
	case strings.HasPrefix(i.Subject, "system:serviceaccount:"):
		return kubernetes
	}
	return otherOIDC
}

// jobs are what a job has to do so that its token lets it in, ready to be copied.
func (v *visit) jobs(i wire.TrustedIssuer) []snippet {
	model := "MODEL"
	if len(i.Models) > 0 {
		model = i.Models[0]
	} else if p, err := v.api.CallableModelPage(v.ctx(), v.Org.ID, client.List{Limit: pageRows}); err == nil {
		for _, m := range p.Items {
			if len(i.Environments) == 0 || slices.Contains(i.Environments, m.Environment) {
				model = m.Name
				break
			}
		}
	}
	url := v.base() + "/v1/embeddings"
	switch kindOf(i) {
	case github:
		return []snippet{{"github", "In the workflow", githubJob(url, model, i.Audience)}}
	case kubernetes:
		return []snippet{{"kubernetes", "In the pod", kubernetesJob(url, model, i.Audience, i.Subject)}}
	}
	return []snippet{{"other", "Example", "TOKEN=…   # a token for the audience " + yamlText(i.Audience) + "\n" + tokenCall(url, model, `$TOKEN`)}}
}

// tokenCall is a request to try a token with. GitHub fills in what stands in ${{ }}
// before the shell sees it, so a model's name must not have that.
func tokenCall(url, model, token string) string {
	name := strings.ReplaceAll(jsonText(model), "${{", `\u0024{{`)
	return "curl --fail-with-body " + shellText(url) + " \\\n" +
		"  --header \"Authorization: Bearer " + token + "\" \\\n" +
		"  --header 'Content-Type: application/json' \\\n" +
		"  --data-binary " + shellText(`{"model": `+name+`, "input": ["Hello"]}`) + "\n"
}

// githubJob asks GitHub for a token, as GitHub's documentation of OpenID Connect
// in cloud providers says, and calls with it.
func githubJob(url, model, audience string) string {
	script := "token=$(curl --silent --fail --header \"Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN\" \\\n" +
		"  \"$ACTIONS_ID_TOKEN_REQUEST_URL&audience=" + audience + "\" | jq --raw-output .value)\n" +
		"echo \"::add-mask::$token\"\n" +
		tokenCall(url, model, "$token")
	return `permissions:
  id-token: write   # lets the job ask GitHub for a token
  contents: read

jobs:
  embed:
    runs-on: ubuntu-latest
    steps:
      - name: Call Adit without any key
        run: |
` + indented(script, "          ")
}

// kubernetesJob mounts a token that the kubelet keeps fresh, as Kubernetes'
// documentation of service account token volume projection says.
func kubernetesJob(url, model, audience, subject string) string {
	namespace, account := serviceAccount(subject)
	return `apiVersion: v1
kind: Pod
metadata:
  name: embed
  namespace: ` + namespace + `
spec:
  serviceAccountName: ` + account + `
  restartPolicy: Never
  containers:
    - name: embed
      image: curlimages/curl
      command: ["sh", "-c"]
      args:
        - |
` + indented(tokenCall(url, model, "$(cat /var/run/secrets/adit/token)"), "          ") + `      volumeMounts:
        - name: adit-token
          mountPath: /var/run/secrets/adit
          readOnly: true
  volumes:
    - name: adit-token
      projected:
        sources:
          - serviceAccountToken:
              path: token
              audience: ` + yamlText(audience) + `
              expirationSeconds: 3600
`
}

// serviceAccount reads a subject; what is a pattern, or no name, is left to the reader.
func serviceAccount(subject string) (namespace, account string) {
	name := regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	namespace, account = "my-namespace", "my-service-account"
	parts := strings.Split(subject, ":")
	if len(parts) == 4 && name.MatchString(parts[2]) {
		namespace = parts[2]
	}
	if len(parts) == 4 && name.MatchString(parts[3]) {
		account = parts[3]
	}
	return yamlText(namespace), yamlText(account)
}

// yamlText quotes a text for YAML, which reads every JSON string.
func yamlText(s string) string { return jsonText(s) }

func indented(s, by string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(by + line)
	}
	return b.String()
}

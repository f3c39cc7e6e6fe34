package app_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/app"
)

// TestNoTextAndNoSecretLeavesButWhereItBelongs sends marked texts on good and bad
// ways and looks for them, and for the secret keys, in everything that Adit tells.
func TestNoTextAndNoSecretLeavesButWhereItBelongs(t *testing.T) {
	const text, apiKey = "canary of a text", "canary-of-an-api-key"
	aws, err := emulator.New()
	if err != nil {
		t.Fatal(err)
	}
	key := aws.DefaultKey()
	s := start(t, everyFamily, func(s *app.Settings) {
		s.Transport, s.APIKeys, s.MetricsListen = aws.Transport(), apiKeys(apiKey), "127.0.0.1:0"
		s.Environ = []string{"AWS_ACCESS_KEY_ID=" + key.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + key.SecretAccessKey}
	})
	var answers strings.Builder
	send := func(bearer, body string) {
		req, _ := http.NewRequest(http.MethodPost, s.URL()+"/v1/embeddings", strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+bearer)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		_, _ = io.Copy(&answers, resp.Body)
	}
	for _, model := range append(families(), text) {
		send(apiKey, fmt.Sprintf(`{"model":%q,"input":[%q,%q]}`, model, text, text+" again"))
		send(apiKey, fmt.Sprintf(`{"model":%q,"input":%q}`, model, text+strings.Repeat("!", 60_000)))
	}
	send("wrong-"+apiKey, `{"model":"titan","input":"`+text+`"}`)
	for _, f := range []emulator.Fault{
		{Kind: emulator.FaultStatus, Status: 400, Code: "ValidationException", Message: "refused: " + text, Count: 1},
		{Kind: emulator.FaultStatus, Status: 403, Code: "InvalidSignatureException", Message: "signed with " + key.SecretAccessKey, Count: 1},
		{Kind: emulator.FaultMalformed, Count: 1},
	} {
		if err := aws.Inject(f); err != nil {
			t.Fatal(err)
		}
		send(apiKey, `{"model":"titan","input":"`+text+`"}`)
		aws.ClearFaults()
	}
	metrics, err := http.Get(s.MetricsURL())
	if err != nil {
		t.Fatal(err)
	}
	defer metrics.Body.Close()
	told, err := io.ReadAll(metrics.Body)
	if err != nil {
		t.Fatal(err)
	}
	log := s.log.String()
	if !strings.Contains(log, `"msg":"request"`) || !strings.Contains(string(told), "adit_requests_total") {
		t.Fatal("nothing was logged or measured")
	}
	for name, out := range map[string]string{"the log": log, "the metrics": string(told), "an answer": answers.String()} {
		for what, canary := range map[string]string{"a request text": text, "the API key": apiKey, "the AWS secret key": key.SecretAccessKey} {
			if name == "an answer" && what == "a request text" {
				continue // AWS's own words on a text go to who sent it
			}
			if strings.Contains(out, canary) {
				t.Errorf("%s holds %s: %s", name, what, around(out, canary))
			}
		}
	}
}

func around(s, part string) string {
	at := strings.Index(s, part)
	return s[max(0, at-200):min(len(s), at+200)]
}

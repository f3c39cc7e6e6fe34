package cli

import (
	"bytes"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/control/wire"
)

func TestTheCommandThatStudioShowsSetsTheDemosAccountUp(t *testing.T) {
	home := t.TempDir()
	for name, value := range map[string]string{ // of the person, for another account
		"HOME": home, "AWS_CONFIG_FILE": filepath.Join(home, "none"), "AWS_PROFILE": "", "AWS_SESSION_TOKEN": "",
		"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	out := &bytes.Buffer{}
	stand, err := startTryStand(t.Context(), &Process{Stdout: out, Stderr: out}, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.end)
	if _, err := stand.control.CreateEnvironment(t.Context(), tryOrganization, wire.EnvironmentInput{Name: "sandbox", Region: tryRegion}); err != nil {
		t.Fatal(err)
	}
	page := studioPage(t, stand, "/studio/o/"+tryOrganization+"/environments/sandbox/setup")
	shown := regexp.MustCompile(`<code id="setup-command">(.*?)</code>`).FindStringSubmatch(page)
	if shown == nil {
		t.Fatalf("no command:\n%s", page)
	}
	if strings.Contains(page, stand.admin.SecretAccessKey) {
		t.Error("the page shows the administrator's secret")
	}
	words := strings.Fields(html.UnescapeString(shown[1]))
	for words[0] != "adit" {
		name, value, _ := strings.Cut(words[0], "=")
		t.Setenv(name, value)
		words = words[1:]
	}
	d := &desk{t: t, environ: []string{"HOME=" + home}}
	d.adit(append(words[1:], "--yes")...).exits(0)
	if e, err := stand.control.Environment(t.Context(), tryOrganization, "sandbox"); err != nil || e.State != "ready" {
		t.Errorf("after it the environment is %q: %v", e.State, err)
	}
	d.adit(append(words[1:], "--yes")...).exits(0) // as the page says, it can be run again
}

// studioPage is a page as the first person sees it who signs in.
func studioPage(t *testing.T, s *tryStand, path string) string {
	t.Helper()
	link, err := s.app.FirstLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}
	page := ""
	for _, ask := range []func() (*http.Response, error){
		func() (*http.Response, error) {
			return client.PostForm(s.app.URL()+u.Path, url.Values{"token": {u.Query().Get("token")}})
		},
		func() (*http.Response, error) { return client.Get(s.app.URL() + path) },
	} {
		resp, err := ask()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d, %v: %.500s", resp.Request.URL.Path, resp.StatusCode, err, body)
		}
		page = string(body)
	}
	return page
}

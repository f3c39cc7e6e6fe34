package credential_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/credential"
	"github.com/google/go-cmp/cmp"
)

// recorder is a network without anybody in it.
type recorder struct {
	mu    sync.Mutex
	hosts []string
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hosts = append(r.hosts, req.URL.Scheme+"://"+req.URL.Host)
	return nil, errors.New("nobody is there")
}

func TestAWSIsAskedInTheRegionAndPartition(t *testing.T) {
	t.Parallel()
	sso := func(m *machine) {
		m.file(".aws/config", legacySSO)
		m.env("AWS_PROFILE", "sso-profile")
		m.ssoToken("https://my-sso-portal.awsapps.com/start", time.Now().Add(time.Hour))
	}
	for name, c := range map[string]struct {
		region string
		change func(*machine)
		want   string
	}{
		"default":          {"", setups()[0].valid, "https://sts.us-east-1.amazonaws.com"},
		"commercial":       {"eu-west-3", setups()[0].valid, "https://sts.eu-west-3.amazonaws.com"},
		"China":            {"cn-north-1", setups()[0].valid, "https://sts.cn-north-1.amazonaws.com.cn"},
		"GovCloud":         {"us-gov-west-1", setups()[0].valid, "https://sts.us-gov-west-1.amazonaws.com"},
		"SSO has its own":  {"eu-west-3", sso, "https://portal.sso.us-west-2.amazonaws.com"},
		"AWS_ENDPOINT_URL": {"", func(m *machine) { setups()[0].valid(m); m.env("AWS_ENDPOINT_URL", "http://gateway") }, "https://sts.us-east-1.amazonaws.com"},
		"ignored by variable": {"", func(m *machine) {
			setups()[0].valid(m)
			m.env("AWS_ENDPOINT_URL_STS", "http://x")
			m.env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
		}, "https://sts.us-east-1.amazonaws.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, net := newMachine(t), &recorder{}
			m.settings.Endpoints = credential.Endpoints{}
			m.settings.Region = c.region
			m.settings.HTTP = &http.Client{Transport: net}
			c.change(m)
			_, _ = m.chain().Credentials(t.Context(), anybody())
			if len(net.hosts) == 0 || net.hosts[0] != c.want {
				t.Error(cmp.Diff([]string{c.want}, net.hosts))
			}
		})
	}
}

func TestMetadataIsNeverAskedThroughAProxy(t *testing.T) {
	t.Parallel()
	for _, s := range setups()[3:] {
		t.Run(s.source, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			proxy := &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: "127.0.0.1:1"})}
			m.settings.HTTP = &http.Client{Transport: proxy}
			s.valid(m)
			if got := m.wins(s.source); got.Account != "" {
				t.Error("STS was not asked through the proxy")
			}
		})
	}
}

func TestARedirectIsNotFollowedBecauseTokensWouldGoAlong(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	away := httptest.NewServer(http.RedirectHandler(m.aws.URL+"/v2/credentials/task", http.StatusTemporaryRedirect))
	defer away.Close()
	setups()[3].valid(m)
	m.settings.Endpoints.ECS = away.URL
	m.none("the container credential endpoint returned none: HTTP status 307")
	if m.aws.count("ecs") > 0 {
		t.Error("the redirect was followed")
	}
}

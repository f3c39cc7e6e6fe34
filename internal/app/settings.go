package app

import (
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ingress"
	"github.com/adit-hq/adit/internal/secret"
)

// Settings say how the server runs. Which models it has stands in spicepod.yaml.
type Settings struct {
	// Config is the path of spicepod.yaml; "" reads none: there are only the
	// models of environments.
	Config string
	// State says what the server keeps.
	State StateSettings
	// Listen is the API's address, such as "127.0.0.1:8090"; port 0 takes a free one.
	Listen string
	// MetricsListen is the address of /metrics; "" serves none.
	MetricsListen string
	// TLSCert and TLSKey are PEM files; both or neither.
	TLSCert, TLSKey string
	// APIKeys are accepted besides those that the database knows. Without any key at
	// all the server listens on loopback only.
	APIKeys []secret.String
	// Timeout is the deadline of a request; 0 means 10 minutes.
	Timeout time.Duration
	// MaxBody is the largest request body in bytes; 0 means 32 MiB.
	MaxBody int64
	// Grace is how long a stopping server waits for requests under way; 0 means 30 seconds.
	Grace time.Duration
	// Endpoints replace AWS's own for models that name none themselves.
	Endpoints Endpoints
	// Administrator is who sets AWS accounts up from this machine, for the commands
	// that Studio shows. The zero value is whomever AWS's tools find.
	Administrator AWSProfile
	// Environ is what the credential chain, ${ env:NAME } and OpenTelemetry read, like os.Environ().
	Environ []string
	// Version is what AWS and traces see.
	Version string
	Log     *slog.Logger
	// Transport carries every call to AWS; nil means the network.
	Transport http.RoundTripper
}

// Endpoints are base URLs of AWS services. All stands for those left empty.
type Endpoints struct {
	All, BedrockRuntime, Bedrock, STS, SSO, SSOOIDC string
}

// AWSProfile is a profile of a file of AWS credentials.
type AWSProfile struct{ File, Name string }

// check says what is wrong with the settings, all of it at once.
func (s *Settings) check() error {
	var wrong []string
	if (s.TLSCert == "") != (s.TLSKey == "") {
		wrong = append(wrong, "--tls-cert and --tls-key belong together: set both or neither")
	}
	for _, k := range s.APIKeys {
		if len(k.Reveal()) < 16 {
			wrong = append(wrong, "an API key has fewer than 16 characters: generate one with `openssl rand -hex 24`")
			break
		}
	}
	if host, _, err := net.SplitHostPort(s.Listen); err != nil {
		wrong = append(wrong, "--listen "+s.Listen+" is not an address: use HOST:PORT, such as 127.0.0.1:8090")
	} else if len(s.APIKeys) == 0 && s.State.DataDir == "" && !ingress.Loopback(host) {
		wrong = append(wrong, "--listen "+s.Listen+" is reachable from other machines, but there is no API key: set ADIT_API_KEYS or --api-keys-file, or listen on 127.0.0.1")
	}
	if s.MetricsListen != "" {
		if _, _, err := net.SplitHostPort(s.MetricsListen); err != nil {
			wrong = append(wrong, "--metrics-listen "+s.MetricsListen+" is not an address: use HOST:PORT, or an empty one for none")
		}
	}
	if s.Timeout < 0 || s.MaxBody < 0 || s.Grace < 0 {
		wrong = append(wrong, "--request-timeout, --max-body and --shutdown-grace cannot be negative")
	}
	if len(wrong) == 0 {
		return nil
	}
	f := fault.New(fault.Config, "the settings cannot be used")
	for _, w := range wrong {
		f.Message += "\n  " + w
	}
	return f
}

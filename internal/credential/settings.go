package credential

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/adit-hq/adit/internal/secret"
)

// The values of [Settings.RoleSource].
const (
	// RoleSourceAuto walks all five sources.
	RoleSourceAuto = "auto"
	// RoleSourceEnv uses the environment variables only.
	RoleSourceEnv = "env"
	// RoleSourceMetadata uses web identity, ECS and IMDS only: sources that
	// give a workload's role and never a person's keys.
	RoleSourceMetadata = "metadata"
)

// DefaultRegion is the region of a model that names none.
const DefaultRegion = "us-east-1"

// Budget is how long one source may take to give credentials, the question to
// STS included.
const Budget = 5 * time.Second

// Settings say which credentials are wanted and what surrounds Adit. The zero
// value walks all five sources in an empty environment.
type Settings struct {
	// Region is where the model is called; its regional STS endpoint is asked. Default us-east-1.
	Region string
	// Profile names the only profile that may give credentials; nothing else is tried.
	Profile string
	// RoleSource is "auto" (or empty), "env" or "metadata". It counts only
	// without explicit keys and without a profile.
	RoleSource string
	// AccessKeyID, SecretAccessKey and SessionToken are explicit keys: when any is set, nothing else is tried.
	AccessKeyID, SecretAccessKey, SessionToken secret.String
	// Environ is the environment as os.Environ gives it.
	Environ []string
	// Endpoints replace AWS's addresses.
	Endpoints Endpoints
	// HTTP sends the requests to STS and SSO. Container and instance metadata
	// are asked with the same transport but never through a proxy. Default:
	// net/http's default transport.
	HTTP *http.Client
	// Log gets which source won, refreshes and their failures. Default: discarded.
	Log *slog.Logger
}

// Endpoints are base URLs such as "http://127.0.0.1:4566"; empty means AWS's own.
type Endpoints struct {
	// STS falls back to AWS_ENDPOINT_URL_STS of the environment, then to AWS's regional endpoint.
	STS string
	// SSO falls back to AWS_ENDPOINT_URL_SSO.
	SSO string
	// SSOOIDC falls back to AWS_ENDPOINT_URL_SSO_OIDC.
	SSOOIDC string
	// IMDS falls back to AWS_EC2_METADATA_SERVICE_ENDPOINT, then to http://169.254.169.254.
	IMDS string
	// ECS is what AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is relative to; default http://169.254.170.2.
	ECS string
}

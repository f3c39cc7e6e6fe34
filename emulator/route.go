package emulator

import (
	"net/http"
	"strings"
)

// Services as they appear in the trail and, for signed ones, in the scope of
// a signature.
const (
	serviceBedrock = "bedrock"
	serviceSTS     = "sts"
	serviceECS     = "ecs"
	serviceIMDS    = "imds"
	serviceSSO     = "sso"
	serviceOIDC    = "sso-oidc"

	opInvoke = "InvokeModel"
)

// route finds what a path and method ask for. Paths of different services do
// not overlap, so one handler can stand for all of them.
func (x *exchange) route() (service, operation string, run func(*exchange)) {
	switch p := x.path; {
	case p == "/":
		return serviceSTS, "", (*exchange).serveSTS
	case strings.HasPrefix(p, "/model/"), strings.HasPrefix(p, "/foundation-model"), strings.HasPrefix(p, "/inference-profiles"):
		return x.routeBedrock()
	case strings.HasPrefix(p, "/latest/"):
		return serviceIMDS, "", (*exchange).serveIMDS
	case strings.HasPrefix(p, "/v2/credentials/"), strings.HasPrefix(p, "/ecs/"):
		return serviceECS, "GetCredentials", (*exchange).serveContainer
	case p == "/federation/credentials":
		return serviceSSO, "GetRoleCredentials", (*exchange).serveRoleCredentials
	case p == "/token":
		return serviceOIDC, "CreateToken", (*exchange).serveCreateToken
	}
	return "", "", (*exchange).unknown
}

// routeBedrock splits the paths of both Bedrock planes.
func (x *exchange) routeBedrock() (service, operation string, run func(*exchange)) {
	parts, ok := segments(x.path)
	get, post := x.r.Method == http.MethodGet, x.r.Method == http.MethodPost
	one := ok && len(parts) == 2 && parts[1] != ""
	switch {
	case !ok:
	case post && len(parts) == 3 && parts[0] == "model" && parts[1] != "" && parts[2] == "invoke":
		return serviceBedrock, opInvoke, func(x *exchange) { x.serveInvoke(parts[1]) }
	case get && len(parts) == 1 && parts[0] == "foundation-models":
		return serviceBedrock, "ListFoundationModels", (*exchange).serveListModels
	case get && one && parts[0] == "foundation-models":
		return serviceBedrock, "GetFoundationModel", func(x *exchange) { x.serveGetModel(parts[1]) }
	case get && one && parts[0] == "foundation-model-availability":
		return serviceBedrock, "GetFoundationModelAvailability", func(x *exchange) { x.serveAvailability(parts[1]) }
	case get && len(parts) == 1 && parts[0] == "inference-profiles":
		return serviceBedrock, "ListInferenceProfiles", (*exchange).serveListProfiles
	case get && one && parts[0] == "inference-profiles":
		return serviceBedrock, "GetInferenceProfile", func(x *exchange) { x.serveGetProfile(parts[1]) }
	}
	return serviceBedrock, "", (*exchange).unknown
}

// unknown answers a path or method that no service has, an ARN whose slashes
// were not escaped among them.
func (x *exchange) unknown() {
	x.fail(&awsError{status: http.StatusNotFound, code: "UnknownOperationException", message: "Unknown operation: no operation answers this method and path."})
}

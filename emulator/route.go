package emulator

import (
	"net/http"
	"slices"
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
		return serviceSTS, "", (*exchange).serveQuery
	case strings.HasPrefix(p, "/model/"), strings.HasPrefix(p, "/foundation-model"), strings.HasPrefix(p, "/inference-profiles"),
		strings.HasPrefix(p, "/custom-models"), strings.HasPrefix(p, "/provisioned-model-throughputs"),
		strings.HasPrefix(p, "/list-foundation-model-agreement-offers/"), p == "/create-foundation-model-agreement":
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
	if ok && x.r.Method == http.MethodPost && len(parts) == 3 && parts[0] == "model" && parts[1] != "" && parts[2] == "invoke" {
		return serviceBedrock, opInvoke, func(x *exchange) { x.serveInvoke(parts[1]) }
	}
	if !ok || len(parts) > 2 || slices.Contains(parts, "") {
		return serviceBedrock, "", (*exchange).unknown
	}
	shape := x.r.Method + " " + parts[0]
	if len(parts) == 2 {
		shape += "/{id}"
	}
	if known, found := controlPlane()[shape]; found {
		return serviceBedrock, known.operation, func(x *exchange) { known.serve(x, parts[len(parts)-1]) }
	}
	return serviceBedrock, "", (*exchange).unknown
}

// controlPlane is what the emulator knows of Bedrock's control plane. serve
// gets the path's last part, unescaped.
func controlPlane() map[string]controlOperation {
	return map[string]controlOperation{
		"GET foundation-models":                           {"ListFoundationModels", (*exchange).serveListModels},
		"GET foundation-models/{id}":                      {"GetFoundationModel", (*exchange).serveGetModel},
		"GET foundation-model-availability/{id}":          {"GetFoundationModelAvailability", (*exchange).serveAvailability},
		"GET list-foundation-model-agreement-offers/{id}": {"ListFoundationModelAgreementOffers", (*exchange).serveOffers},
		"POST create-foundation-model-agreement":          {"CreateFoundationModelAgreement", (*exchange).serveCreateAgreement},
		"GET inference-profiles":                          {"ListInferenceProfiles", (*exchange).serveListProfiles},
		"GET inference-profiles/{id}":                     {"GetInferenceProfile", (*exchange).serveGetProfile},
		"GET custom-models":                               {"ListCustomModels", (*exchange).serveListCustom},
		"GET provisioned-model-throughputs":               {"ListProvisionedModelThroughputs", (*exchange).serveListProvisioned},
	}
}

// controlOperation is one operation of the control plane.
type controlOperation struct {
	operation string
	serve     func(x *exchange, id string)
}

// unknown answers a path or method that no service has, an ARN whose slashes
// were not escaped among them.
func (x *exchange) unknown() {
	x.fail(&awsError{status: http.StatusNotFound, code: "UnknownOperationException", message: "Unknown operation: no operation answers this method and path."})
}

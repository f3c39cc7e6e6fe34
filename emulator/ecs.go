package emulator

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Container is one credential endpoint as ECS and EKS Pod Identity give to a
// container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI points at it.
type Container struct {
	Path  string // begins with "/v2/credentials/" or "/ecs/"
	Token string // required in the Authorization header; "" means none
	Role  Role
}

// String names the path and hides the token.
func (c Container) String() string { return "container credentials at " + c.Path }

// GoString is String, so that %#v cannot print the token either.
func (c Container) GoString() string { return c.String() }

type containerEndpoint struct {
	token  string
	issuer *issuer
}

type containers struct {
	mu     sync.RWMutex
	byPath map[string]containerEndpoint
}

// AddContainer registers a container's credential endpoint.
func (e *Emulator) AddContainer(c Container) error {
	if !strings.HasPrefix(c.Path, "/v2/credentials/") && !strings.HasPrefix(c.Path, "/ecs/") {
		return fmt.Errorf("emulator: %s: the path must begin with /v2/credentials/ or /ecs/", c)
	}
	i, err := e.newIssuer(c.Role, "container")
	if err != nil {
		return err
	}
	e.containers.mu.Lock()
	defer e.containers.mu.Unlock()
	if e.containers.byPath == nil {
		e.containers.byPath = make(map[string]containerEndpoint)
	}
	e.containers.byPath[c.Path] = containerEndpoint{c.Token, i}
	return nil
}

// serveContainer answers with the shape of the ECS agent's endpoint.
func (x *exchange) serveContainer() {
	x.e.containers.mu.RLock()
	c, ok := x.e.containers.byPath[x.path]
	x.e.containers.mu.RUnlock()
	switch {
	case !ok || x.r.Method != http.MethodGet:
		x.failPlain(http.StatusNotFound, "InvalidIdInRequest", "CredentialsV2Request: Credentials not found")
	case subtle.ConstantTimeCompare([]byte(c.token), []byte(x.r.Header.Get("Authorization"))) != 1:
		x.failPlain(http.StatusUnauthorized, "AccessDenied", "The authorization token is missing or wrong")
	default:
		k, err := c.issuer.current(x.e)
		if err != nil {
			x.failPlain(http.StatusInternalServerError, "InternalServerError", "no credentials")
			return
		}
		x.handOut(k)
		x.respondJSON([]byte(`{"RoleArn":"` + x.e.roleARN(c.issuer.role.Name) + `","AccessKeyId":"` + k.AccessKeyID +
			`","SecretAccessKey":"` + k.SecretAccessKey + `","Token":"` + k.SessionToken +
			`","Expiration":"` + k.Expires.UTC().Format(time.RFC3339) + `"}`))
	}
}

// handOut notes in the trail whose key was given.
func (x *exchange) handOut(k Key) {
	x.event.AccessKeyID, x.event.Principal = k.AccessKeyID, k.Principal
	x.event.SessionName = k.Principal[strings.LastIndexByte(k.Principal, '/')+1:]
}

func (e *Emulator) roleARN(name string) string { return "arn:aws:iam::" + e.account + ":role/" + name }

// failPlain is an error of the endpoints that are no AWS service proper: a
// code and a message in JSON.
func (x *exchange) failPlain(status int, code, message string) {
	x.event.ErrorCode = code
	b := appendJSONString([]byte(`{"code":`), code)
	b = appendJSONString(append(b, `,"message":`...), message)
	x.w.Header().Set("Content-Type", "application/json")
	x.respond(status, append(b, '}'))
}

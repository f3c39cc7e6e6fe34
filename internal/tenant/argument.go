package tenant

import "github.com/adit-hq/adit/internal/ident"

// Argument names the environment to a command, such as "prod" or "prod --org research".
func (e *Environment) Argument() string { return ident.Argument(e.Name, e.OrganizationName) }

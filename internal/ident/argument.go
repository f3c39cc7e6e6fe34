package ident

// Argument names an environment to a command, such as "prod" or
// "prod --org research": a remedy's command line has to find it as it stands
// there. Without --org an operator's command looks in "default".
func Argument(environment, organization string) string {
	if organization == "" || organization == "default" {
		return environment
	}
	return environment + " --org " + organization
}

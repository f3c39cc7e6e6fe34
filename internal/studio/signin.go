package studio

func (s *studio) signinRoutes() []route { return nil }

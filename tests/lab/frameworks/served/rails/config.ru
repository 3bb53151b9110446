# Rails with the policy of its initializer, if there is one.
require "logger"
require "rails"
require "action_controller/railtie"

class App < Rails::Application
  config.root = __dir__
  config.eager_load = false
  config.consider_all_requests_local = true
  config.logger = Logger.new($stderr)
  config.secret_key_base = "x" * 64
  config.hosts.clear
  config.cache_store = :memory_store
  config.action_controller.perform_caching = true
  config.public_file_server.enabled = true
end

App.initialize!
run App

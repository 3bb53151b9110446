# Rails with an initializer of cspseal: SETTINGS SITE, paths as JSON on standard input.
require "json"
require "logger"
require "rails"
require "action_controller/railtie"

SETTINGS, SITE = ARGV

class App < Rails::Application
  config.eager_load = false
  config.action_dispatch.show_exceptions = false
  config.logger = Logger.new($stderr)
  config.secret_key_base = "x" * 64
  config.hosts.clear
end

class PagesController < ActionController::Base
  def page
    file = "#{SITE}/#{CGI.unescape(request.path.gsub("+", "%2B"))}"
    File.file?(file) ? render(html: File.read(file).html_safe) : render(plain: "nothing", status: 404)
  end
end

load SETTINGS
App.initialize!
App.routes.draw do
  root to: "pages#page"
  get "*path", to: "pages#page", format: false
end
JSON.parse($stdin.read).each do |path|
  status, headers, body = App.call(Rack::MockRequest.env_for("http://localhost#{path}"))
  body.close if body.respond_to?(:close)
  puts({ path: path, status: status, headers: headers.to_a }.to_json)
end

class PagesController < ActionController::Base
  layout "application"

  def show
    @who = "you"
    @color = "green"
  end
end

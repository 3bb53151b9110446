module PagesHelper
  def box(&block)
    tag.div(capture(&block))
  end
end
